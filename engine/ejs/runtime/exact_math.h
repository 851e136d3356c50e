/*
 * exact_math.h - the functions of Math as V8 rounds them.
 *
 * V8 computes them with fdlibm's algorithms, whose last digit often differs
 * from glibc's (which is the nearer one).
 */
#ifndef EJS_RUNTIME_EXACT_MATH_H
#define EJS_RUNTIME_EXACT_MATH_H

#include <math.h>

/* x ** y; 1 ** Infinity is NaN. */
double ejs__pow(double x, double y);
double ejs__exp(double x);
double ejs__log(double x);
double ejs__cbrt(double x);

#define ejs__acos acos
#define ejs__acosh acosh
#define ejs__asin asin
#define ejs__asinh asinh
#define ejs__atan atan
#define ejs__atan2 atan2
#define ejs__atanh atanh
#define ejs__cos cos
#define ejs__cosh cosh
#define ejs__expm1 expm1
#define ejs__log10 log10
#define ejs__log1p log1p
#define ejs__log2 log2
#define ejs__sin sin
#define ejs__sinh sinh
#define ejs__tan tan
#define ejs__tanh tanh

#endif
