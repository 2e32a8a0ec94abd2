/* bcryptprimitives.dll, for a Wine that has none: extensions written in Rust take their random bytes from it. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG count); /* advapi32 calls it RtlGenRandom */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count)
{
    const SIZE_T at_once = 1 << 28;
    for (SIZE_T done = 0; done < count; done += at_once)
        if (!SystemFunction036(bytes + done, (ULONG)(count - done < at_once ? count - done : at_once)))
            return FALSE;
    return TRUE;
}
