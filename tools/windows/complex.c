/* The complex functions of the C runtime, which Wine's ucrtbase.dll has as stubs that end the program.

   Windows hands a complex number over as a structure of two; gcc may not, so each function is wrapped. make.py links
   this in the place of api-ms-win-crt-math-l1-1-0.dll; what is no complex function goes on to ucrtbase.dll. */
#include <complex.h>

typedef struct { double real, imaginary; } Double;
typedef struct { float real, imaginary; } Float;
typedef union { Double pair; double _Complex z; } Doubles;
typedef union { Float pair; float _Complex z; } Floats;

#define COMPLEX(name) \
    Double our_##name(Double a) { Doubles x = {a}; x.z = name(x.z); return x.pair; } \
    Float our_##name##f(Float a) { Floats x = {a}; x.z = name##f(x.z); return x.pair; }
#define REAL(name) \
    double our_##name(Double a) { Doubles x = {a}; return name(x.z); } \
    float our_##name##f(Float a) { Floats x = {a}; return name##f(x.z); }

COMPLEX(cacos) COMPLEX(cacosh) COMPLEX(casin) COMPLEX(casinh) COMPLEX(catan) COMPLEX(catanh)
COMPLEX(ccos) COMPLEX(ccosh) COMPLEX(csin) COMPLEX(csinh) COMPLEX(ctan) COMPLEX(ctanh)
COMPLEX(cexp) COMPLEX(clog) COMPLEX(csqrt) COMPLEX(conj) COMPLEX(cproj)
REAL(cabs) REAL(carg) REAL(creal) REAL(cimag)

Double our_cpow(Double a, Double b) { Doubles x = {a}, y = {b}; x.z = cpow(x.z, y.z); return x.pair; }
Float our_cpowf(Float a, Float b) { Floats x = {a}, y = {b}; x.z = cpowf(x.z, y.z); return x.pair; }
double our__cabs(Double a) { return our_cabs(a); }
