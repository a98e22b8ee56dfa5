// SPDX-License-Identifier: GPL-3.0-or-later

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CSystem.h"

// A file that is mapped. The list only grows, so that the handler can walk it at any moment; places in it are used
// again.
struct chartools_mapping {
    atomic_uintptr_t start;  // 0: free
    atomic_size_t size;      // whole pages
    atomic_int is_broken;
    struct chartools_mapping *next;
};

static _Atomic(struct chartools_mapping *) mappings;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t page_size;

// Puts zeros where the file has no page any more, and all the way to the mapping's end; whoever was about to read goes
// on with them.
static void note_lost_page(int signal, siginfo_t *facts, void *context) {
    (void)context;
    int saved = errno;
    uintptr_t place = (uintptr_t)facts->si_addr;
    for (struct chartools_mapping *mapping = mappings; mapping; mapping = mapping->next) {
        uintptr_t start = mapping->start;
        if (start == 0 || place < start || place - start >= mapping->size) continue;
        uintptr_t page = place & ~(page_size - 1);
        mapping->is_broken = 1;
        void *zeros = mmap((void *)page, start + mapping->size - page, PROT_READ,
                           MAP_PRIVATE | MAP_ANON | MAP_FIXED, -1, 0);
        errno = saved;
        if (zeros != MAP_FAILED) return;
    }
    // Not ours: the same again, without a handler.
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigaction(signal, &action, NULL);
}

struct chartools_mapping *chartools_map(int descriptor, size_t size, const void **start) {
    pthread_mutex_lock(&gate);
    if (page_size == 0) {
        page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
        struct sigaction action = {.sa_sigaction = note_lost_page, .sa_flags = SA_SIGINFO};
        sigemptyset(&action.sa_mask);
        sigaction(SIGBUS, &action, NULL);
    }
    struct chartools_mapping *mapping = mappings;
    while (mapping && mapping->start != 0) mapping = mapping->next;
    if (!mapping && (mapping = calloc(1, sizeof *mapping))) {
        mapping->next = mappings;
        mappings = mapping;
    }
    void *space = mapping ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0) : MAP_FAILED;
    if (space != MAP_FAILED) {
        mapping->is_broken = 0;
        mapping->size = (size + page_size - 1) & ~(page_size - 1);
        mapping->start = (uintptr_t)space;
        *start = space;
    }
    pthread_mutex_unlock(&gate);
    return space == MAP_FAILED ? NULL : mapping;
}

int chartools_mapping_is_broken(const struct chartools_mapping *mapping) { return mapping->is_broken; }

void chartools_unmap(struct chartools_mapping *mapping) {
    uintptr_t start = mapping->start;
    munmap((void *)start, mapping->size);
    mapping->start = 0;
}
