#define _GNU_SOURCE
#include "CAllocationCounter.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PARLEY_SANITIZED 1
#endif
#endif

#if defined(PARLEY_SANITIZED) || !defined(__linux__)

int parley_allocation_counting_is_available(void) { return 0; }
void parley_allocation_counting_begin(void) {}
parley_allocation_counts parley_allocation_counting_end(void) { return (parley_allocation_counts){0, 0, 0, 0}; }

#else

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

static __thread int armed;
static __thread parley_allocation_counts counts;

int parley_allocation_counting_is_available(void) { return 1; }

void parley_allocation_counting_begin(void) {
    counts = (parley_allocation_counts){0, 0, 0, 0};
    armed = 1;
}

parley_allocation_counts parley_allocation_counting_end(void) {
    armed = 0;
    return counts;
}

/* The allocator. glibc keeps its own functions under these names, so that nothing has to be looked up. */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

static inline void count_malloc(void) {
    if (armed) counts.mallocs += 1;
}

void *malloc(size_t size) {
    count_malloc();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    count_malloc();
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    count_malloc();
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    count_malloc();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count_malloc();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
    count_malloc();
    void *memory = __libc_memalign(alignment, size);
    if (memory == NULL) return ENOMEM;
    *result = memory;
    return 0;
}

void free(void *memory) {
    if (armed && memory != NULL) counts.frees += 1;
    __libc_free(memory);
}

/* Locks. */

int pthread_mutex_lock(pthread_mutex_t *mutex) {
    static int (*lock)(pthread_mutex_t *);
    if (lock == NULL) lock = (int (*)(pthread_mutex_t *))dlsym(RTLD_NEXT, "pthread_mutex_lock");
    if (armed) counts.locks += 1;
    return lock(mutex);
}

/* Objects of Swift code in this executable. The runtime has a hook for profilers, `_swift_allocObject`, but turning it
   on makes retaining a small string crash (Swift 6.3.1: the retain that goes with it masks the tag bits away), so the
   entry point itself is taken over. Objects the runtime makes inside its own library are seen as mallocs only. */

void *swift_allocObject(const void *metadata, size_t size, size_t alignment_mask) {
    static void *(*allocate)(const void *, size_t, size_t);
    if (allocate == NULL)
        allocate = (void *(*)(const void *, size_t, size_t))dlsym(RTLD_NEXT, "swift_allocObject");
    if (armed) counts.swift_allocations += 1;
    return allocate(metadata, size, alignment_mask);
}

#endif
