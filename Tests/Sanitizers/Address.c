/* Linked into what runs under Address Sanitizer: what it finds that is not ours to mend. */

const char *__asan_default_options(void);
const char *__asan_default_suppressions(void);

const char *__asan_default_options(void) {
    /* Swift keeps pointers with other bits in them, which the search for leaks does not know: it calls constants of the
     * program leaks, others from run to run. */
    return "detect_leaks=0";
}

const char *__asan_default_suppressions(void) {
    /* Process.run() of Foundation (Swift 6.3) copies directory entries at their greatest length, past the end of what
     * readdir(3) has given. */
    return "interceptor_via_fun:*findMaximumOpenFromProcSelfFD*\n";
}
