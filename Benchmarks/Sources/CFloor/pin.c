#define _GNU_SOURCE
#include "floor.h"

#ifdef __linux__
#include <sched.h>
#include <unistd.h>

int floor_pin(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < sysconf(_SC_NPROCESSORS_CONF) && i < CPU_SETSIZE; i++) {
        if (processor < 0 || i == processor) CPU_SET(i, &set);
    }
    return sched_setaffinity(0, sizeof set, &set);
}
#else
int floor_pin(int processor) {
    (void)processor;
    return 0;
}
#endif
