/* SoftHSM2 whose signatures fail while a file is there: a token that is broken, not away.
 *
 * cc -shared -fPIC -o failing_token.so failing_token.c -ldl; XY_TOKEN_BROKEN names the file.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long rv;
typedef rv (*call)();
enum { FUNCTIONS = 68, SIGN_INIT = 42, SIGN = 43 };
struct list { unsigned char version[2]; call functions[FUNCTIONS]; };

static struct list ours;
static call real_sign, real_sign_init;

static int broken(void) {
    const char *name = getenv("XY_TOKEN_BROKEN");
    return name && access(name, F_OK) == 0;
}

static rv sign(void *a, void *b, void *c, void *d, void *e) {
    return broken() ? 0x30 /* CKR_DEVICE_ERROR */ : real_sign(a, b, c, d, e);
}

static rv sign_init(void *a, void *b, void *c) {
    return broken() ? 0x30 : real_sign_init(a, b, c);
}

rv C_GetFunctionList(struct list **found) {
    void *library = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW | RTLD_LOCAL);
    call get = library ? (call)dlsym(library, "C_GetFunctionList") : 0;
    struct list *real;
    if (!get || get(&real) != 0) return 0x5; /* CKR_GENERAL_ERROR */
    memcpy(&ours, real, sizeof ours);
    real_sign = ours.functions[SIGN];
    real_sign_init = ours.functions[SIGN_INIT];
    ours.functions[SIGN] = sign;
    ours.functions[SIGN_INIT] = sign_init;
    *found = &ours;
    return 0;
}
