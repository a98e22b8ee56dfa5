// SPDX-License-Identifier: GPL-3.0-or-later

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CSystem.h"

// Address space that must be left when all threads are there: they start late, when memory was taken for other things.
static const size_t reserve = 256u << 20;

static void *wait_for_release(void *gate) {
    // The one who started us holds the gate until all are there.
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

// How many more descriptors can be open at once, up to `wanted`.
static int free_descriptors(int wanted) {
    if (wanted == 0) return 0;
    int descriptor = open("/", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return 0;
    int more = free_descriptors(wanted - 1);
    close(descriptor);
    return 1 + more;
}

// Dispatch counts each second which of its threads run, by their files in /proc, and ends the program by SIGILL where
// there are none.
static int threads_can_be_watched(void) {
#if defined(__linux__)
    return access("/proc/self/stat", R_OK) == 0;
#else
    return 1;
#endif
}

int chartools_startable_threads(int wanted) {
    if (!threads_can_be_watched()) return 0;
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    pthread_t *threads = calloc((size_t)(wanted > 0 ? wanted : 1), sizeof *threads);
    if (threads == NULL) return 0;
    void *space = mmap(NULL, reserve, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (space == MAP_FAILED) wanted = 0;
    int started = 0;
    pthread_mutex_lock(&gate);
    while (started < wanted && pthread_create(&threads[started], NULL, wait_for_release, &gate) == 0) started++;
    pthread_mutex_unlock(&gate);
    for (int index = 0; index < started; index++) pthread_join(threads[index], NULL);
    free(threads);
    if (space != MAP_FAILED) munmap(space, reserve);
    // Dispatch, which shares out the work, waits for events with three of them.
    return free_descriptors(3) == 3 ? started : 0;
}
