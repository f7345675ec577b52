#include "floor.h"

/* Of Swift's runtime: what whoever is handed an object cannot do without. */
void *swift_retain(void *object);
void swift_release(void *object);

uint64_t floor_count_reference(void *object, size_t times) {
    uint64_t start = nanoseconds();
    for (size_t i = 0; i < times; i++) {
        swift_retain(object);
        swift_release(object);
    }
    return nanoseconds() - start;
}
