/* SoftHSM2 with faults: calls that do not return, signatures that fail.
 *
 * cc -shared -fPIC -o faulty_token.so faulty_token.c -ldl. XY_TOKEN_HANGS names a file while which is
 * there calls do not return: all of those below, or the functions that are named in it.
 * XY_TOKEN_BROKEN names one while which is there signing fails: the token is broken, not away.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long rv;
typedef rv (*call)();
/* Places in CK_FUNCTION_LIST (PKCS#11 2.40, 3.6). */
enum { FUNCTIONS = 68, SIGN_INIT = 42, SIGN = 43, DEVICE_ERROR = 0x30 };
struct list { unsigned char version[2]; call functions[FUNCTIONS]; };

static struct list ours, theirs;

static int named(const char *said, const char *function) {
    const char *found = strstr(said, function);
    return found && found[strlen(function)] <= ' ';
}

static void hang_if_told(const char *function) {
    const char *name = getenv("XY_TOKEN_HANGS");
    for (;;) {
        char said[256] = "";
        int file = name ? open(name, O_RDONLY) : -1;
        ssize_t length;
        if (file < 0) return;
        length = read(file, said, sizeof said - 1);
        close(file);
        if (length > 0 && !named(said, function)) return;
        usleep(10000);
    }
}

static int broken(void) {
    const char *name = getenv("XY_TOKEN_BROKEN");
    return name && access(name, F_OK) == 0;
}

#define HANGING(number, name)                                                                      \
    static rv name(void *a, void *b, void *c, void *d, void *e, void *f, void *g, void *h) {       \
        hang_if_told(#name);                                                                       \
        if ((number == SIGN_INIT || number == SIGN) && broken()) return DEVICE_ERROR;              \
        return theirs.functions[number](a, b, c, d, e, f, g, h);                                   \
    }

HANGING(0, C_Initialize)
HANGING(1, C_Finalize)
HANGING(4, C_GetSlotList)
HANGING(6, C_GetTokenInfo)
HANGING(12, C_OpenSession)
HANGING(18, C_Login)
HANGING(26, C_FindObjectsInit)
HANGING(SIGN_INIT, C_SignInit)
HANGING(SIGN, C_Sign)
HANGING(59, C_GenerateKeyPair)

rv C_GetFunctionList(struct list **found) {
    void *library = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW | RTLD_LOCAL);
    call get = library ? (call)dlsym(library, "C_GetFunctionList") : 0;
    struct list *real;
    if (!get || get(&real) != 0) return 0x5; /* CKR_GENERAL_ERROR */
    theirs = ours = *real;
    ours.functions[0] = C_Initialize;
    ours.functions[1] = C_Finalize;
    ours.functions[4] = C_GetSlotList;
    ours.functions[6] = C_GetTokenInfo;
    ours.functions[12] = C_OpenSession;
    ours.functions[18] = C_Login;
    ours.functions[26] = C_FindObjectsInit;
    ours.functions[SIGN_INIT] = C_SignInit;
    ours.functions[SIGN] = C_Sign;
    ours.functions[59] = C_GenerateKeyPair;
    *found = &ours;
    return 0;
}
