/* The python.exe that no wheel brings: hands its arguments to python.org's library, as python.org's own does. */
#include <stdio.h>
#include <windows.h>

typedef int (*Main)(int, wchar_t **);

int wmain(int count, wchar_t **words)
{
    HMODULE library = LoadLibraryW(L"python311.dll");
    Main run = library ? (Main)(void *)GetProcAddress(library, "Py_Main") : NULL;
    if (run)
        return run(count, words);
    fprintf(stderr, "python311.dll: error %lu\n", GetLastError());
    return 9;
}
