"""Excel on Mac and the web: a project of xlwings Server with our functions, started by one command."""
