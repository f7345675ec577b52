import Foundation

/// Starts a program with three streams and no other descriptor, no signal blocked, and each doing what it does by default.
///
/// A thread's blocked signals would be handed down. Dispatch's threads block nearly all, and some programs (dnsmasq) do not
/// set that right themselves: they would not hear that they are to end.
func spawn(_ path: String, _ arguments: [String], _ environment: [String], streams: [Int32?]) throws -> Int32 {
    #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_CLOEXEC_DEFAULT
    #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in zip(Int32(0)..., streams) {
        if let source {
            posix_spawn_file_actions_adddup2(&actions, source, target)
        } else {
            posix_spawn_file_actions_addopen(&actions, target, "/dev/null", target == 0 ? O_RDONLY : O_WRONLY, 0)
        }
    }
    #if !canImport(Darwin)
        guard let addCloseFrom, addCloseFrom(&actions, 3) == 0 else {
            throw ProcessFailure("this C library cannot close descriptors in a child")
        }
    #endif

    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var id: pid_t = 0
    let error = withCStrings([path] + arguments) { arguments in
        withCStrings(environment) { posix_spawn(&id, path, &actions, &attributes, arguments, $0) }
    }
    guard error == 0 else { throw ProcessFailure("\(path) cannot be started: \(String(cString: strerror(error)))") }
    return id
}

#if !canImport(Darwin)
    /// glibc's `posix_spawn_file_actions_addclosefrom_np`, which its headers keep from Swift.
    private let addCloseFrom = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
        unsafeBitCast(
            $0,
            to: (@convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32).self
        )
    }
#endif

private func withCStrings<Result>(
    _ texts: [String],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = texts.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    return body(&pointers)
}
