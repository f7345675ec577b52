/*
 * Linked into what runs under Thread Sanitizer, which does not see what happens inside of Swift's own libraries.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>

const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void) {
    /* UnsafeContinuation.resume(returning:). A task that waits when its continuation has been resumed already goes on at
     * once: libswift_Concurrency has ordered the two with an atomic, and tells the sanitizer of the other case only. */
    return "race_top:sScc6resume9returningyxn_tF\n";
}

/*
 * A Mutex that is taken without contention is compiled into the caller and seen; one that is waited for is not, and
 * everything under it would be reported as a race. This stands in the place of libswiftSynchronization for the wait, in
 * code that the sanitizer knows.
 */
#define SWIFT(function) __attribute__((swiftcall)) void function
#define SELF __attribute__((swift_context)) _Atomic(uint32_t) *

SWIFT(lock_slow)(uint32_t thread, SELF owner) __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");

SWIFT(lock_slow)(uint32_t thread, SELF owner) {
    for (;;) {
        uint32_t nobody = 0;
        if (atomic_compare_exchange_weak_explicit(owner, &nobody, thread, memory_order_acquire, memory_order_relaxed)) {
            return;
        }
        sched_yield();
    }
}
