import Foundation

/// What a server of each kind needs to be told: its configuration and its command line.
struct ServerSetup {
    var kind: ServerKind
    var directory: URL
    var port: UInt16
    var zones: [Zone]
    /// The port of the Knot behind a forwarder.
    var upstream: UInt16?

    /// Writes the configuration, and gives the arguments to start the server in the foreground with.
    func prepare() throws -> [String] {
        if !kind.isForwarder {
            for zone in loaded { try zone.text.write(to: file(of: zone), atomically: true, encoding: .utf8) }
        }
        let configuration = directory.appending(path: "configuration")
        switch kind {
        case .knot:
            try knot.write(to: configuration, atomically: true, encoding: .utf8)
            return ["-c", configuration.path]
        case .bind:
            try bind.write(to: configuration, atomically: true, encoding: .utf8)
            return ["-g", "-n", "1", "-c", configuration.path]
        case .unbound:
            try unbound.write(to: configuration, atomically: true, encoding: .utf8)
            return ["-d", "-p", "-c", configuration.path]
        case .dnsmasq:
            return dnsmasq
        }
    }

    func file(of zone: Zone) -> URL {
        directory.appending(path: "\(zone.origin)zone")
    }

    private var knot: String {
        let list = loaded.map { "  - domain: \($0.origin)\n    file: \(file(of: $0).path)\n" }.joined()
        return """
            server:
                rundir: \(directory.path)
                listen: 127.0.0.1@\(port)
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
            log:
              - target: stderr
                any: info
            database:
                storage: \(directory.path)
            template:
              - id: default
                zonefile-sync: -1
                journal-content: none
            zone:
            \(list)
            """
    }

    // BIND refuses more than 100 records of one name by default, and would look for the root's keys.
    private var bind: String {
        let list = loaded.map {
            #"zone "\#($0.origin)" { type primary; file "\#(file(of: $0).path)"; };"# + "\n"
        }.joined()
        return """
            options {
                directory "\(directory.path)";
                listen-on port \(port) { 127.0.0.1; };
                listen-on-v6 { none; };
                pid-file none;
                session-keyfile none;
                lock-file none;
                recursion no;
                notify no;
                dnssec-validation no;
                max-records-per-type 0;
            };
            controls { };
            \(list)
            """
    }

    // The zones of private use that Unbound answers itself by default (RFC 6303, RFC 6761) are ours here.
    private var unbound: String {
        """
        server:
            directory: "\(directory.path)"
            chroot: ""
            username: ""
            pidfile: ""
            use-syslog: no
            num-threads: 1
            interface: 127.0.0.1@\(port)
            do-not-query-localhost: no
            module-config: "iterator"
            local-zone: "10.in-addr.arpa." nodefault
            local-zone: "d.f.ip6.arpa." nodefault
            local-zone: "test." nodefault
            local-data: '\(token.origin) TXT "\(tokenText)"'
        remote-control:
            control-enable: no
        forward-zone:
            name: "."
            forward-addr: 127.0.0.1@\(upstream ?? 0)
        """
    }

    // Without a cache: of a CNAME that comes alone, dnsmasq keeps that its target has no address, and then what it answers
    // for a name depends on what was asked before.
    private var dnsmasq: [String] {
        [
            "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--log-facility=-",
            "--listen-address=127.0.0.1", "--bind-interfaces", "--port=\(port)",
            "--no-hosts", "--no-resolv", "--cache-size=0", "--server=127.0.0.1#\(upstream ?? 0)",
            "--txt-record=\(token.origin.dropLast()),\(tokenText)",
        ] + (getuid() == 0 ? ["--user=root"] : [])
    }

    /// What only this server can say, so that an answer proves that it, and no other, has the port.
    var tokenText: String { directory.lastPathComponent }

    /// The zone in which an authoritative server says it. A forwarder has it from its configuration.
    var token: Zone { Zone("ready.", [ZoneRecord("ready.", 0, "TXT", tokenText)]) }

    private var loaded: [Zone] { zones + [token] }
}
