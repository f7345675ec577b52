internal import CAres

/// Places in memory for what threads read all the time: each thread has one that is its alone.
///
/// A value that all threads read from one place costs them the cache line of that place: whoever counts a reference or
/// takes a lock there writes to it, and two cores then spend their time on handing the line over (0.13 to 0.25 of one
/// core's throughput, measured). A place needs no lock, and lies on cache lines of its own.
///
/// The places are not the truth, only copies of it. Whoever finds in his what is of no use, or is one of more threads than
/// there are places, looks where the truth is kept, under its lock.
public struct ThreadPlaces<Value: Sendable>: ~Copyable, @unchecked Sendable {
    /// Sound: `count` places of ``stride`` octets each, initialized in `init` and destroyed in `deinit`. A place is touched
    /// only by the thread that has its number, which no other living thread has.
    @usableFromInline let places: UnsafeMutableRawPointer
    @usableFromInline let count: Int

    /// - Parameter value: what the place of each number holds at first.
    public init(_ value: (Int) -> Value) {
        count = threadPlaceCount
        places = .allocate(byteCount: Self.stride * count, alignment: max(128, MemoryLayout<Value>.alignment))
        for number in 0..<count {
            (places + number * Self.stride).bindMemory(to: Value.self, capacity: 1).initialize(to: value(number))
        }
    }

    deinit {
        for number in 0..<count {
            (places + number * Self.stride).assumingMemoryBound(to: Value.self).deinitialize(count: 1)
        }
        places.deallocate()
    }

    /// Two lines of 64 octets, which x86 fetches together, or as many as the value needs.
    @inlinable
    static var stride: Int { (MemoryLayout<Value>.stride + 127) & ~127 }

    /// Calls `body` with what is in the calling thread's place.
    ///
    /// - Returns: `nil` if it has none. `body` must not come back here.
    @inlinable
    public func withValue<Result>(_ body: (inout Value) -> Result?) -> Result? {
        let number = threadNumber()
        // A thread without a number has -1.
        guard UInt(bitPattern: number) < UInt(bitPattern: count) else { return nil }
        // In bounds, see above, so there is no overflow to look for.
        return body(&(places + number &* Self.stride).assumingMemoryBound(to: Value.self).pointee)
    }
}

/// The calling thread's number; -1 if it has none.
///
/// Nothing else may ask the shim for it, of which each part of a program that includes it has a count of its own. And it is always a
/// call: what uses it is inlined into `async` functions, where a compiler that sees a thread's variable may take it to be the
/// same before and after a suspension; but behind that it may be another thread.
@inline(never) @usableFromInline
func threadNumber() -> Int {
    Int(shim_thread_number())
}

/// Twice the processors or more: a program's busy threads are seldom more than the processors.
package let threadPlaceCount = min(max(16, 2 * Int(shim_processor_count())), 64)
