#pragma once
#include <stdint.h>

/* Counts what one thread asks of the allocator and of locks between `begin` and `end`.

   Linked into a test executable it takes the place of malloc and its kin and of pthread_mutex_lock, for the whole
   process; counting happens on the calling thread only, between the two calls. Under the address or the thread
   sanitizer, which bring their own allocator, it is compiled out and `is_available` says so. */

typedef struct {
    int64_t mallocs;           /* malloc, calloc, realloc, memalign, aligned_alloc, posix_memalign */
    int64_t frees;             /* free of anything but NULL */
    int64_t swift_allocations; /* objects of Swift code: classes, contexts of closures, boxes, arrays; each is a malloc too */
    int64_t locks;             /* pthread_mutex_lock */
} parley_allocation_counts;

int parley_allocation_counting_is_available(void);
void parley_allocation_counting_begin(void);
parley_allocation_counts parley_allocation_counting_end(void);
