public import ServiceLifecycle

/// A resolver works from the moment that it is made. As a service it also ends with the others:
///
///     let group = ServiceGroup(
///         services: [resolver, server],
///         gracefulShutdownSignals: [.sigterm],
///         logger: logger
///     )
///
/// A group ends its services in the reverse order, each when the one behind it has ended: list the resolver before those
/// that use it. ``Peers/changes`` ends with the resolver only, which would wait for its reader for ever: in a service of
/// the group read `changes.cancelOnGracefulShutdown()`.
extension ClusterResolver: Service {
    /// Waits for the graceful shutdown, then shuts down as ``shutdownGracefully()`` does. A cancelled task shuts down at
    /// once; nothing else ends it, not ``shutdown()`` either. Meanwhile static peers and limits follow the configuration;
    /// nothing else depends on it.
    public func run() async {
        let isGraceful = await withDiscardingTaskGroup { group in
            group.addTask { await self.followConfiguration() }
            defer { group.cancelAll() }
            return await (try? gracefulShutdown()) != nil
        }
        if isGraceful { await shutdownGracefully() } else { await shutdown() }
    }

    /// Takes no more lookups (they fail with `shutDown`, but for hits in the cache), lets those in progress finish within
    /// their deadlines, then shuts down. A cancelled task waits no longer: what is in progress then fails with `shutDown`.
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

/// Gives a resolver to `body` and shuts it down when that has ended, well or badly: for scripts and tests.
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
