public import ServiceLifecycle

extension ClusterResolver: Service {
    /// Waits for the graceful shutdown, then shuts down as ``shutdownGracefully()`` does. A cancelled task shuts down at
    /// once. Nothing else ends it, not even ``shutdown()``. While it runs, static peers and limits follow the
    /// configuration; nothing else needs it.
    public func run() async {
        let isGraceful = await withDiscardingTaskGroup { group in
            group.addTask { await self.followConfiguration() }
            defer { group.cancelAll() }
            return await (try? gracefulShutdown()) != nil
        }
        if isGraceful { await shutdownGracefully() } else { await shutdown() }
    }

    /// Refuses new lookups that need DNS (`shutDown`), lets those in progress finish within their deadlines, then shuts
    /// down. If the task is cancelled, those in progress fail with `shutDown` at once.
    public func shutdownGracefully() async {
        _ = mailbox.post(.finish)
        await withTaskCancellationHandler {
            await counters.waitForEnd()
        } onCancel: {
            _ = mailbox.post(.shutDown)
        }
        await finish()
    }

    /// Ends the resolver's thread and closes its sockets. Lookups in progress and later ones fail with `shutDown`, but for those
    /// that DNS is not asked for: addresses, names of the hosts file, static peers.
    public func shutdown() async {
        _ = mailbox.post(.shutDown)
        await counters.waitForEnd()
        await finish()
    }

    private func finish() async {
        handles.end()
        await telemetry.publisher?.flush()
    }
}

/// Gives a resolver to `body` and shuts it down when that returns or throws: for scripts and tests.
///
///     let addresses = try await withClusterResolver { resolver in
///         try await resolver.resolve("service-b").addresses
///     }
///
/// - Parameter resolver: the resolver; one that reads the process' environment, if left out.
/// - Throws: what `body` throws; ``ClusterDNSError`` if there can be no resolver, as from
///   ``ClusterResolver/init(_:metrics:tracer:logger:)``.
public nonisolated(nonsending) func withClusterResolver<Result>(
    _ resolver: @autoclosure () throws -> ClusterResolver = try ClusterResolver(),
    _ body: nonisolated(nonsending) (ClusterResolver) async throws -> Result
) async throws -> Result {
    let resolver = try resolver()
    do {
        let result = try await body(resolver)
        await resolver.shutdown()
        return result
    } catch {
        await resolver.shutdown()
        throw error
    }
}
