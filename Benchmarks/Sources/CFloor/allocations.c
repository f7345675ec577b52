#include "floor.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static atomic_int is_on;
static atomic_uint_fast64_t count;

void floor_count_allocations(int on) {
    if (on) count = 0;
    is_on = on;
}

uint64_t floor_allocations(void) { return count; }

uint64_t floor_allocated_octets(void) {
#ifdef __GLIBC__
    struct mallinfo2 arenas = mallinfo2();
    return arenas.uordblks + arenas.hblkhd;
#else
    return 0;
#endif
}

#ifdef __GLIBC__
/*
 * The program's own malloc goes before glibc's for every library of the process (symbol interposition), and hands on to
 * it.
 */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static inline void note(void) {
    if (atomic_load_explicit(&is_on, memory_order_relaxed)) {
        atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    }
}

void *malloc(size_t size) {
    note();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    note();
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    note();
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **to, size_t alignment, size_t size) {
    note();
    *to = __libc_memalign(alignment, size);
    return *to == NULL ? ENOMEM : 0;
}
#endif
