// SPDX-License-Identifier: GPL-3.0-or-later

#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int keep_to_ourselves(int descriptor) { return fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

int cspawn_pipe(int ends[2]) {
    if (pipe(ends) != 0) return -1;
    return keep_to_ourselves(ends[0]) == 0 && keep_to_ourselves(ends[1]) == 0 ? 0 : -1;
}

int cspawn_terminal(char *name, size_t size, int echoes) {
    int screen = posix_openpt(O_RDWR | O_NOCTTY);
    if (screen < 0) return -1;
    struct termios attributes;
    struct winsize window = {.ws_row = 24, .ws_col = 100};
    if (keep_to_ourselves(screen) == 0 && grantpt(screen) == 0 && unlockpt(screen) == 0 &&
        ptsname_r(screen, name, size) == 0 && tcgetattr(screen, &attributes) == 0) {
        attributes.c_oflag &= ~(tcflag_t)OPOST;
        if (!echoes) attributes.c_lflag &= ~(tcflag_t)ECHO;
        if (tcsetattr(screen, TCSANOW, &attributes) == 0 && ioctl(screen, TIOCSWINSZ, &window) == 0) return screen;
    }
    close(screen);
    return -1;
}

// Between fork and exec only what a signal handler may do: another thread may have held any lock.
static void become(
    const char *program, char *const arguments[], char *const environment[], const char *folder, const int streams[3],
    const char *terminal) {
    setsid();
    int opened = -1;
    if (terminal) {
        opened = open(terminal, O_RDWR);
        if (opened < 0 || ioctl(opened, TIOCSCTTY, 0) != 0) return;
    }
    // All are moved out of the way first, or one might be overwritten before it is used.
    int sources[3];
    for (int stream = 0; stream < 3; stream++) {
        sources[stream] = fcntl(streams[stream] < 0 ? opened : streams[stream], F_DUPFD, 3);
        if (sources[stream] < 0) return;
    }
    for (int stream = 0; stream < 3; stream++)
        if (dup2(sources[stream], stream) < 0) return;
    int end = (int)sysconf(_SC_OPEN_MAX);
    for (int descriptor = 3; descriptor < end && descriptor < 4096; descriptor++) close(descriptor);

    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    // Those that cannot be set, or do not exist, say so and stay as they are.
    for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &action, NULL);
    sigprocmask(SIG_SETMASK, &action.sa_mask, NULL);
    if (chdir(folder) != 0) return;
    execve(program, arguments, environment);
}

pid_t cspawn(
    const char *program, char *const arguments[], char *const environment[], const char *folder, const int streams[3],
    const char *terminal) {
    pid_t process = fork();
    if (process == 0) {
        become(program, arguments, environment, folder, streams, terminal);
        _exit(127);
    }
    return process;
}
