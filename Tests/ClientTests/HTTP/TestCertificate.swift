#if Tests
    import AsyncHTTPClient
    import NIOSSL

    /// A self-signed certificate for the name `https-echo`, and its key. Nothing trusts it but these tests.
    enum TestCertificate {
        /// For clients that trust it.
        static func client() throws -> HTTPClient.Configuration {
            var configuration = HTTPClient.Configuration()
            configuration.tlsConfiguration = .makeClientConfiguration()
            configuration.tlsConfiguration?.trustRoots = .certificates([try certificate()])
            return configuration
        }

        private static func certificate() throws -> NIOSSLCertificate {
            try NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem)
        }

        static func server() throws -> NIOSSLContext {
            try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: [.certificate(certificate())],
                    privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
                )
            )
        }

        private static let key = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6Ff0a1fP9pkpKEUa
            1WeOu8bB3cn6i7a4V4IRpuotcrWhRANCAAQ4GNHxmMFG0s5i1DTe3DaHG1eMyWSt
            7Acru6hnVE1okKBPEQqWRwDjd6wOM3qTfXueGFUj76HZXW6x9UE5kpG9
            -----END PRIVATE KEY-----
            """

        private static let pem = """
            -----BEGIN CERTIFICATE-----
            MIIBQzCB66ADAgECAgEBMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCmh0dHBzLWVj
            aG8wIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBUxEzARBgNVBAMM
            Cmh0dHBzLWVjaG8wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ4GNHxmMFG0s5i
            1DTe3DaHG1eMyWSt7Acru6hnVE1okKBPEQqWRwDjd6wOM3qTfXueGFUj76HZXW6x
            9UE5kpG9oyowKDAVBgNVHREEDjAMggpodHRwcy1lY2hvMA8GA1UdEwEB/wQFMAMB
            Af8wCgYIKoZIzj0EAwIDRwAwRAIgKPNeI/haMQxz6u7r9ZirP8DYk9K2VdNw4Qad
            11vJcIQCIAvm0YH99VE+lMCfbigzcjlGDm45rBPPCXX7GCCPcRBR
            -----END CERTIFICATE-----
            """
    }
#endif
