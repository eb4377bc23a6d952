mod array; mod scan;
