internal import CAres
public import Synchronization

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Places in memory for what threads read all the time, so many that threads which run at once seldom meet in one.
///
/// A value that all threads read from one place costs them the cache line of that place: whoever counts a reference or
/// takes a lock there writes to it, and two cores then spend their time on handing the line over (0.13 to 0.25 of one
/// core's throughput, measured). Here each thread has a place of its own, on cache lines of its own.
///
/// The places are not the truth, only copies of it: whoever finds another in his place, or nothing of use, looks where
/// the truth is kept, under its lock.
public struct ThreadPlaces<Value: Sendable>: ~Copyable, @unchecked Sendable {
    @usableFromInline
    struct Place: ~Copyable {
        @usableFromInline let isTaken = Atomic(false)
        @usableFromInline var value: Value

        @usableFromInline
        init(_ value: consuming Value) {
            self.value = value
        }
    }

    /// Sound: `count` places of `stride` octets each, initialised in `init` and destroyed in `deinit`. A place's value is
    /// touched only by whoever has exchanged its flag from false to true, until the flag is false again.
    @usableFromInline let places: UnsafeMutableRawPointer
    @usableFromInline let stride: Int
    @usableFromInline let mask: Int

    /// - Parameter value: what every place holds at first.
    public init(_ value: Value) {
        mask = placeCount - 1
        // Two lines of 64 octets, which x86 fetches together.
        stride = (MemoryLayout<Place>.stride + 127) & ~127
        places = .allocate(byteCount: stride * (mask + 1), alignment: 128)
        for index in 0...mask {
            (places + index * stride).bindMemory(to: Place.self, capacity: 1).initialize(to: Place(value))
        }
    }

    deinit {
        for index in 0...mask {
            (places + index * stride).assumingMemoryBound(to: Place.self).deinitialize(count: 1)
        }
        places.deallocate()
    }

    /// Calls `body` with what is in the calling thread's place.
    ///
    /// - Returns: nothing if another thread is there: no one ever waits. `body` must not call out.
    @inlinable
    public func withValue<Result>(_ body: (inout Value) -> Result?) -> Result? {
        let place = (places + (threadNumber() & mask) * stride).assumingMemoryBound(to: Place.self)
        guard !place.pointee.isTaken.exchange(true, ordering: .acquiring) else { return nil }
        defer { place.pointee.isTaken.store(false, ordering: .releasing) }
        return body(&place.pointee.value)
    }
}

extension ThreadPlaces {
    /// Calls `body` with what is in each place, for a look now and then.
    ///
    /// - Returns: whether it was all of them: a place in which a thread stays for long is left out.
    package func withEveryValue(_ body: (inout Value) -> Void) -> Bool {
        var isWhole = true
        for index in 0...mask {
            let place = (places + index * stride).assumingMemoryBound(to: Place.self)
            var tries = 0
            while place.pointee.isTaken.exchange(true, ordering: .acquiring) {
                tries += 1
                guard tries < 100 else { break }
                sched_yield()
            }
            guard tries < 100 else {
                isWhole = false
                continue
            }
            body(&place.pointee.value)
            place.pointee.isTaken.store(false, ordering: .releasing)
        }
        return isWhole
    }
}

/// A number that the calling thread alone has; those that are made one after the other follow each other.
@usableFromInline
func threadNumber() -> Int {
    Int(shim_thread_number())
}

/// A power of two, and twice the processors or more: a program's busy threads are seldom more than the processors.
private let placeCount: Int = {
    let processors = min(max(shim_processor_count(), 4), 64)
    var count = 8
    while count < 2 * processors { count *= 2 }
    return count
}()
