"""The tasks as the vendor's Python SDK does them."""

import concurrent.futures
import os
import resource
import sys

import singlestoredb

if sys.argv[1:] == ['probe']:
    sys.exit(0 if singlestoredb.__version__ == '1.18.1' else 1)

task = os.environ['TASK']
manager = singlestoredb.manage_workspaces(os.environ['KEY'], base_url=os.environ['URL'])
calls, group_id = int(os.environ['CALLS']), os.environ['ID']


def get(_=None):
    assert len(manager.get_workspace_group(group_id).name) == 8


if task == 'list':
    assert len(manager.workspace_groups) == int(os.environ['GROUPS'])
elif task == 'gets':
    for _ in range(calls):
        get()
elif task == 'at-once':
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        list(pool.map(get, range(calls)))
else:
    stage = manager.get_workspace_group(group_id).stage
    if task == 'up':
        stage.upload_file(os.environ['SOURCE'], os.environ['REMOTE'])
    else:
        stage.download_file('down', os.environ['TARGET'])

usage = resource.getrusage(resource.RUSAGE_SELF)
status = open('/proc/self/status').read()
print((usage.ru_utime + usage.ru_stime) * 1e3, status.split('VmHWM:')[1].split()[0])
