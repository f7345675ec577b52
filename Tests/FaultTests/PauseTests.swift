import ClusterDNS
import Foundation
import LocalCluster
import TestProcesses
import Testing

@Suite("A process that is stopped", .timeLimit(.minutes(5)))
struct PauseTests {
    @Test("A lookup whose answer came while the process was stopped, past its deadline, has it")
    func stopped() async throws {
        try await withCluster(faults: [.delay(by: .milliseconds(300))]) { cluster, _ in
            let asked = DispatchSemaphore(value: 0)
            cluster.onQuery { _ in asked.signal() }
            let server = "127.0.0.1:\(cluster.port)"
            let child = try await Program.run(
                Program.built("cluster-dns"),
                ["resolve", "service-b", "--server", server, "--family", "ipv4", "--timeout", "1s"]
            ) { process in
                _ = asked.wait(timeout: .now() + 20)
                process.send(SIGSTOP)
                // The pause is what is tested: it has to be longer than the deadline.
                usleep(1_500_000)
                process.send(SIGCONT)
            }
            #expect(child.status == 0, "\(child.errors)")
            #expect(child.output.contains("10.96.0.11"))
        }
    }
}
