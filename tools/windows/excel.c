/* Plays Excel: calls worksheet functions as its VBA does, over real COM, and tells what comes back.

   excel.exe CLSID             asks the COM server that is running
   excel.exe DLL COMMAND       lets the library of xlwings start Python by COMMAND, as its add-in does

   Standard input and output hold a value a line, in UTF-8; in texts \\ \n \r stand for what cannot stand in a line.

     in    call NAME COUNT, then COUNT values     macro CODE (what VBA's Refresh runs)
           restart (the add-in's button Restart UDF Server; with the library alone)
     value missing | empty | null | double X | short I | long I | date X | currency X | bool 0 or 1 | error NUMBER
           text ... | array ROWS COLUMNS, then its values | list COUNT, then its values | cells, then a value: a Range
     out   one value, as above (array, list, double, long, date, bool, text, error, empty, null, other), or failed HRESULT TEXT
           unplayed NAME, before it, for what was asked of Excel that is not played here */
#define COBJMACROS
#include <windows.h>
#include <oleauto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const IID NOTHING;
static char line[1 << 17];

static char *next_line(void)
{
    if (!fgets(line, sizeof line, stdin))
        return NULL;
    line[strcspn(line, "\r\n")] = 0;
    return line;
}

static void give_up(const char *why)
{
    printf("failed 0 %s\n", why);
    fflush(stdout);
    exit(2);
}

/* Texts */

static BSTR decoded(const char *from)
{
    static char plain[1 << 17];
    static WCHAR wide[1 << 17];
    char *to = plain;
    for (; *from; from++)
        if (*from == '\\' && from[1]) {
            from++;
            *to++ = *from == 'n' ? '\n' : *from == 'r' ? '\r' : *from;
        } else
            *to++ = *from;
    int length = MultiByteToWideChar(CP_UTF8, 0, plain, (int)(to - plain), wide, 1 << 17);
    return SysAllocStringLen(wide, length);
}

static void tell(const WCHAR *text, int length)
{
    static char utf8[1 << 18];
    int bytes = text ? WideCharToMultiByte(CP_UTF8, 0, text, length, utf8, sizeof utf8, NULL, NULL) : 0;
    for (int i = 0; i < bytes; i++)
        switch (utf8[i]) {
        case '\\': fputs("\\\\", stdout); break;
        case '\n': fputs("\\n", stdout); break;
        case '\r': fputs("\\r", stdout); break;
        default: putchar(utf8[i]);
        }
    putchar('\n');
}

static VARIANT word(const WCHAR *text)
{
    VARIANT v = {0};
    v.vt = VT_BSTR;
    v.bstrVal = SysAllocString(text);
    return v;
}

static VARIANT number(LONG n)
{
    VARIANT v = {0};
    v.vt = VT_I4;
    v.lVal = n;
    return v;
}

/* Objects of Excel, as far as xlwings asks for them */

enum { RANGE, SPAN, SHEET, SHEETS, BOOK, PROGRAM, OBJECTS };
static const struct { const WCHAR *type; DWORD id; } EXCELS[OBJECTS] = {
    {L"Range", 0x00020846}, {L"Range", 0x00020846}, {L"_Worksheet", 0x000208d8},
    {L"Sheets", 0x000208d7}, {L"_Workbook", 0x000208da}, {L"_Application", 0x000208d5},
};

typedef struct {
    IDispatchVtbl *methods;
    LONG held;
    int what;
    VARIANT cells; /* of a range; of a span, how many */
    LONG rows, columns;
} Thing;

typedef struct {
    IEnumVARIANTVtbl *methods;
    LONG held;
    BOOL done;
} Walk;

static VARIANT thing(int what, VARIANT cells);
static VARIANT walk(void);
static const VARIANT NONE;

static HRESULT WINAPI thing_query(IDispatch *it, REFIID wanted, void **out)
{
    BOOL known = IsEqualIID(wanted, &IID_IUnknown) || IsEqualIID(wanted, &IID_IDispatch);
    *out = known ? it : NULL;
    if (known)
        IDispatch_AddRef(it);
    return known ? S_OK : E_NOINTERFACE;
}

static ULONG WINAPI thing_hold(IDispatch *it) { return InterlockedIncrement(&((Thing *)it)->held); }

static ULONG WINAPI thing_drop(IDispatch *it)
{
    Thing *t = (Thing *)it;
    LONG left = InterlockedDecrement(&t->held);
    if (!left) {
        VariantClear(&t->cells);
        free(t);
    }
    return left;
}

static HRESULT WINAPI thing_types(IDispatch *it, UINT *count)
{
    (void)it;
    *count = 1;
    return S_OK;
}

/* xlwings tells objects apart by the number of their type. */
static HRESULT WINAPI thing_type(IDispatch *it, UINT index, LCID locale, ITypeInfo **out)
{
    static ICreateTypeLib2 *library;
    static ITypeInfo *known[OBJECTS];
    int what = ((Thing *)it)->what == SPAN ? RANGE : ((Thing *)it)->what;
    (void)locale;
    *out = NULL;
    if (index)
        return DISP_E_BADINDEX;
    if (!known[what]) {
        GUID id = {EXCELS[what].id, 0, 0, {0xc0, 0, 0, 0, 0, 0, 0, 0x46}};
        WCHAR name[20];
        ICreateTypeInfo *made;
        HRESULT bad = library ? S_OK : CreateTypeLib2(SYS_WIN64, L"excel.tlb", &library);
        wcscpy(name, EXCELS[what].type);
        if (bad || (bad = ICreateTypeLib2_CreateTypeInfo(library, name, TKIND_DISPATCH, &made)))
            return bad;
        ICreateTypeInfo_SetGuid(made, &id);
        ICreateTypeInfo_LayOut(made);
        bad = ICreateTypeInfo_QueryInterface(made, &IID_ITypeInfo, (void **)&known[what]);
        if (bad)
            return bad;
    }
    *out = known[what];
    ITypeInfo_AddRef(*out);
    return S_OK;
}

enum { VALUE = 1, VALUE2, ROWS, COLUMNS, COUNT, COUNTLARGE, ROW, COLUMN, ADDRESS, WORKSHEET, PARENT, APPLICATION, WINDOW,
       NAME, FULLNAME, PATH, WORKSHEETS, ALLSHEETS, VERSION, MEMBERS };
static const WCHAR *const MEMBER[MEMBERS] = {L"", L"Value", L"Value2", L"Rows", L"Columns", L"Count", L"CountLarge",
    L"Row", L"Column", L"Address", L"Worksheet", L"Parent", L"Application", L"Hwnd", L"Name", L"FullName", L"Path",
    L"Worksheets", L"Sheets", L"Version"};

static HRESULT WINAPI thing_ids(IDispatch *it, REFIID iid, LPOLESTR *names, UINT count, LCID locale, DISPID *ids)
{
    HRESULT found = S_OK;
    (void)iid, (void)locale;
    for (UINT i = 0; i < count; i++) {
        int id = MEMBERS - 1;
        while (id && _wcsicmp(MEMBER[id], names[i]))
            id--;
        ids[i] = id ? id : DISPID_UNKNOWN;
        if (!id) {
            printf("unplayed %ls.%ls\n", EXCELS[((Thing *)it)->what].type, names[i]);
            found = DISP_E_UNKNOWNNAME;
        }
    }
    return found;
}

/* Value2 knows neither dates nor currency. */
static VARIANT bare(VARIANT from)
{
    VARIANT v = {0};
    VariantCopy(&v, &from);
    if (v.vt == VT_DATE)
        v.vt = VT_R8;
    else if (v.vt == VT_CY)
        VariantChangeType(&v, &v, 0, VT_R8);
    else if (v.vt & VT_ARRAY) {
        VARIANT *each;
        ULONG count = 1;
        for (USHORT d = 0; d < v.parray->cDims; d++)
            count *= v.parray->rgsabound[d].cElements;
        SafeArrayAccessData(v.parray, (void **)&each);
        for (ULONG i = 0; i < count; i++) {
            VARIANT old = each[i];
            each[i] = bare(old);
            VariantClear(&old);
        }
        SafeArrayUnaccessData(v.parray);
    }
    return v;
}

static VARIANT of_range(Thing *t, int id)
{
    VARIANT v = {0};
    WCHAR address[80];
    switch (id) {
    case VALUE: VariantCopy(&v, &t->cells); return v;
    case VALUE2: return bare(t->cells);
    case ROWS: return thing(SPAN, number(t->rows));
    case COLUMNS: return thing(SPAN, number(t->columns));
    case COUNT: case COUNTLARGE: return number(t->rows * t->columns);
    case ROW: case COLUMN: return number(1);
    case WORKSHEET: case PARENT: return thing(SHEET, NONE);
    case ADDRESS:
        swprintf(address, 80, L"$A$1:$%c$%ld", L'A' + (int)(t->columns - 1) % 26, (long)t->rows);
        return word(t->rows * t->columns == 1 ? L"$A$1" : address);
    default: return v;
    }
}

static VARIANT asked(Thing *t, int id)
{
    VARIANT v = {0};
    if (id == APPLICATION)
        return thing(PROGRAM, NONE);
    switch (t->what) {
    case RANGE: return of_range(t, id);
    case SPAN: if (id == COUNT) VariantCopy(&v, &t->cells); return v;
    case SHEET: return id == NAME ? word(L"Sheet1") : id == PARENT ? thing(BOOK, NONE) : v;
    case SHEETS: return id == COUNT ? number(1) : v;
    case BOOK:
        return id == NAME ? word(L"Book1.xlsm") : id == FULLNAME ? word(L"C:\\Book1.xlsm") : id == PATH ? word(L"C:\\")
             : id == WORKSHEETS || id == ALLSHEETS ? thing(SHEETS, NONE) : v;
    default: return id == VERSION ? word(L"16.0") : id == WINDOW ? number((LONG)(LONG_PTR)GetDesktopWindow()) : v;
    }
}

static HRESULT WINAPI thing_invoke(IDispatch *it, DISPID id, REFIID iid, LCID locale, WORD how, DISPPARAMS *given,
                                   VARIANT *answer, EXCEPINFO *told, UINT *place)
{
    Thing *t = (Thing *)it;
    VARIANT v;
    (void)iid, (void)locale, (void)given, (void)told, (void)place;
    if (!(how & DISPATCH_PROPERTYGET))
        return DISP_E_MEMBERNOTFOUND;
    if (id == DISPID_NEWENUM && t->what == SHEETS)
        v = walk();
    else if (id == DISPID_VALUE && t->what == RANGE)
        v = of_range(t, VALUE);
    else if (id > 0 && id < MEMBERS)
        v = asked(t, id);
    else
        return DISP_E_MEMBERNOTFOUND;
    if (v.vt == VT_EMPTY && !(t->what == RANGE && id <= VALUE2)) {
        printf("unplayed %ls.%ls\n", EXCELS[t->what].type, id > 0 ? MEMBER[id] : L"?");
        return DISP_E_MEMBERNOTFOUND;
    }
    if (answer)
        *answer = v;
    else
        VariantClear(&v);
    return S_OK;
}

static VARIANT thing(int what, VARIANT cells)
{
    static IDispatchVtbl methods = {thing_query, thing_hold, thing_drop, thing_types, thing_type, thing_ids, thing_invoke};
    Thing *t = calloc(1, sizeof *t);
    VARIANT v = {0};
    t->methods = &methods;
    t->held = 1;
    t->what = what;
    t->cells = cells;
    t->rows = t->columns = 1;
    if (cells.vt & VT_ARRAY) {
        SafeArrayGetUBound(cells.parray, 1, &t->rows);
        SafeArrayGetUBound(cells.parray, 2, &t->columns);
    }
    v.vt = VT_DISPATCH;
    v.pdispVal = (IDispatch *)t;
    return v;
}

/* A walk through the sheets of the workbook, of which there is one */

static HRESULT WINAPI walk_query(IEnumVARIANT *it, REFIID wanted, void **out)
{
    BOOL known = IsEqualIID(wanted, &IID_IUnknown) || IsEqualIID(wanted, &IID_IEnumVARIANT);
    *out = known ? it : NULL;
    if (known)
        IEnumVARIANT_AddRef(it);
    return known ? S_OK : E_NOINTERFACE;
}

static ULONG WINAPI walk_hold(IEnumVARIANT *it) { return InterlockedIncrement(&((Walk *)it)->held); }

static ULONG WINAPI walk_drop(IEnumVARIANT *it)
{
    LONG left = InterlockedDecrement(&((Walk *)it)->held);
    if (!left)
        free(it);
    return left;
}

static HRESULT WINAPI walk_next(IEnumVARIANT *it, ULONG wanted, VARIANT *out, ULONG *got)
{
    Walk *w = (Walk *)it;
    ULONG now = wanted && !w->done;
    if (now)
        out[0] = thing(SHEET, NONE);
    w->done = w->done || now;
    if (got)
        *got = now;
    return now == wanted ? S_OK : S_FALSE;
}

static HRESULT WINAPI walk_skip(IEnumVARIANT *it, ULONG count) { (void)it, (void)count; return E_NOTIMPL; }
static HRESULT WINAPI walk_again(IEnumVARIANT *it) { ((Walk *)it)->done = FALSE; return S_OK; }
static HRESULT WINAPI walk_copy(IEnumVARIANT *it, IEnumVARIANT **out) { (void)it; *out = NULL; return E_NOTIMPL; }

static VARIANT walk(void)
{
    static IEnumVARIANTVtbl methods = {walk_query, walk_hold, walk_drop, walk_next, walk_skip, walk_again, walk_copy};
    Walk *w = calloc(1, sizeof *w);
    VARIANT v = {0};
    w->methods = &methods;
    w->held = 1;
    v.vt = VT_UNKNOWN;
    v.punkVal = (IUnknown *)w;
    return v;
}

/* Values in */

static VARIANT read_value(void);

static VARIANT read_array(int dimensions, LONG rows, LONG columns)
{
    SAFEARRAYBOUND bounds[2] = {{rows, 1}, {columns, 1}};
    VARIANT v = {0};
    v.vt = VT_ARRAY | VT_VARIANT;
    v.parray = SafeArrayCreate(VT_VARIANT, dimensions, bounds);
    for (LONG r = 1; r <= rows; r++)
        for (LONG c = 1; c <= columns; c++) {
            LONG at[2] = {r, c};
            VARIANT cell = read_value();
            SafeArrayPutElement(v.parray, at, &cell);
            VariantClear(&cell);
        }
    return v;
}

static VARIANT read_value(void)
{
    VARIANT v = {0};
    char *kind = next_line(), *rest;
    long rows = 0, columns = 1;
    if (!kind)
        give_up("an argument is missing");
    rest = strchr(kind, ' ');
    if (rest)
        *rest++ = 0;
    else
        rest = "";
#define IS(name) (!strcmp(kind, name))
    if (IS("missing")) { v.vt = VT_ERROR; v.scode = DISP_E_PARAMNOTFOUND; }
    else if (IS("empty")) v.vt = VT_EMPTY;
    else if (IS("null")) v.vt = VT_NULL;
    else if (IS("double")) { v.vt = VT_R8; v.dblVal = strtod(rest, NULL); }
    else if (IS("short")) { v.vt = VT_I2; v.iVal = (SHORT)atoi(rest); }
    else if (IS("long")) { v.vt = VT_I4; v.lVal = atol(rest); }
    else if (IS("date")) { v.vt = VT_DATE; v.date = strtod(rest, NULL); }
    else if (IS("currency")) { v.vt = VT_CY; VarCyFromR8(strtod(rest, NULL), &v.cyVal); }
    else if (IS("bool")) { v.vt = VT_BOOL; v.boolVal = atoi(rest) ? VARIANT_TRUE : VARIANT_FALSE; }
    else if (IS("error")) { v.vt = VT_ERROR; v.scode = (SCODE)(0x800A0000u + (unsigned)atoi(rest)); }
    else if (IS("text")) { v.vt = VT_BSTR; v.bstrVal = decoded(rest); }
    else if (IS("cells")) v = thing(RANGE, read_value());
    else if (IS("array") && sscanf(rest, "%ld %ld", &rows, &columns) == 2) v = read_array(2, rows, columns);
    else if (IS("list") && sscanf(rest, "%ld", &rows) == 1) v = read_array(1, rows, 1);
    else give_up("an argument of an unknown kind");
    return v;
}

/* Values out */

static void show(VARIANT *v)
{
    if (v->vt & VT_ARRAY) {
        UINT dimensions = SafeArrayGetDim(v->parray);
        LONG low[2] = {0}, high[2] = {0};
        if (dimensions > 2)
            give_up("an array of more than two dimensions");
        for (UINT d = 0; d < dimensions; d++) {
            SafeArrayGetLBound(v->parray, d + 1, low + d);
            SafeArrayGetUBound(v->parray, d + 1, high + d);
        }
        if (dimensions == 1)
            printf("list %ld\n", (long)(high[0] - low[0] + 1));
        else
            printf("array %ld %ld\n", (long)(high[0] - low[0] + 1), (long)(high[1] - low[1] + 1));
        for (LONG r = low[0]; r <= high[0]; r++)
            for (LONG c = low[1]; c <= high[1]; c++) {
                LONG at[2] = {r, c};
                VARIANT cell = {0};
                SafeArrayGetElement(v->parray, at, &cell);
                show(&cell);
                VariantClear(&cell);
            }
        return;
    }
    switch (v->vt) {
    case VT_EMPTY: puts("empty"); break;
    case VT_NULL: puts("null"); break;
    case VT_R8: printf("double %.17g\n", v->dblVal); break;
    case VT_I4: printf("long %ld\n", (long)v->lVal); break;
    case VT_DATE: printf("date %.17g\n", v->date); break;
    case VT_BOOL: printf("bool %d\n", v->boolVal ? 1 : 0); break;
    case VT_ERROR: printf("error %ld\n", (long)(v->scode - (SCODE)0x800A0000)); break;
    case VT_BSTR: fputs("text ", stdout); tell(v->bstrVal, (int)SysStringLen(v->bstrVal)); break;
    default: printf("other %d\n", v->vt);
    }
}

/* The way to Python */

static IDispatch *from_server(const char *text)
{
    IDispatch *python = NULL;
    CLSID id;
    BSTR wide = decoded(text);
    HRESULT bad = CLSIDFromString(wide, &id);
    if (!bad)
        bad = CoCreateInstance(&id, NULL, CLSCTX_LOCAL_SERVER, &IID_IDispatch, (void **)&python);
    if (bad)
        printf("failed %08lx no server\n", (unsigned long)bad);
    SysFreeString(wide);
    return python;
}

enum { END = -1, ASK = 1 }; /* what the library is to do with the process that it started */

/* VBA asks the library for the object before every call; it starts a process where there is none. */
static IDispatch *from_library(const char *path, const char *command, int mode)
{
    typedef HRESULT(WINAPI * Activate)(VARIANT *, const char *, int);
    static HMODULE library;
    if (!library)
        library = LoadLibraryA(path);
    Activate activate = library ? (Activate)(void *)GetProcAddress(library, "XLPyDLLActivateAuto") : NULL;
    VARIANT v = {0};
    HRESULT bad = activate ? activate(&v, command, mode) : HRESULT_FROM_WIN32(GetLastError());
    if (!bad && v.vt == VT_DISPATCH)
        return v.pdispVal;
    if (!bad && mode == END) {
        printf("empty\n");
        return NULL;
    }
    printf("failed %08lx ", (unsigned long)bad);
    tell(v.vt == VT_BSTR ? v.bstrVal : L"the library gives no object", -1);
    return NULL;
}

static void invoke(int argc, char **argv, const WCHAR *method, VARIANT *given, UINT count)
{
    static IDispatch *server;
    IDispatch *python = argc == 3 ? from_library(argv[1], argv[2], ASK) : server ? server : (server = from_server(argv[1]));
    VARIANT answer = {0};
    DISPPARAMS parameters = {given, NULL, count, 0};
    EXCEPINFO told = {0};
    DISPID id;
    LPOLESTR name = (LPOLESTR)method;
    HRESULT bad = python ? IDispatch_GetIDsOfNames(python, &NOTHING, &name, 1, 0, &id) : E_FAIL;
    if (!bad)
        bad = IDispatch_Invoke(python, id, &NOTHING, 0, DISPATCH_METHOD, &parameters, &answer, &told, NULL);
    if (bad && python) {
        printf("failed %08lx ", (unsigned long)bad);
        tell(told.bstrDescription, -1);
    } else if (python)
        show(&answer);
    fflush(stdout);
    if (argc == 3 && python)
        IDispatch_Release(python);
    VariantClear(&answer);
    for (UINT i = 0; i < count; i++)
        VariantClear(given + i);
}

int main(int argc, char **argv)
{
    static char name[256];
    long count;
    if (argc != 2 && argc != 3)
        return 2;
    CoInitialize(NULL);
    while (next_line()) {
        VARIANT given[5] = {0}; /* the last argument comes first */
        if (!strncmp(line, "macro ", 6)) {
            given[0].vt = VT_BSTR;
            given[0].bstrVal = decoded(line + 6);
            invoke(argc, argv, L"Exec", given, 1);
        } else if (argc == 3 && !strcmp(line, "restart")) {
            from_library(argv[1], argv[2], END);
            fflush(stdout);
        } else if (sscanf(line, "call %255s %ld", name, &count) == 2) {
            SAFEARRAYBOUND bounds = {count, 0};
            given[4] = word(L"udfs");
            given[3].vt = VT_BSTR;
            given[3].bstrVal = decoded(name);
            given[2].vt = VT_ARRAY | VT_VARIANT;
            given[2].parray = SafeArrayCreate(VT_VARIANT, 1, &bounds);
            for (LONG i = 0; i < count; i++) {
                VARIANT v = read_value();
                SafeArrayPutElement(given[2].parray, &i, &v);
                VariantClear(&v);
            }
            given[1] = thing(BOOK, NONE);   /* ThisWorkbook */
            given[0] = thing(RANGE, NONE);  /* Application.Caller */
            invoke(argc, argv, L"CallUDF", given, 5);
        } else
            give_up("a line that is neither call nor macro");
    }
    return 0;
}
