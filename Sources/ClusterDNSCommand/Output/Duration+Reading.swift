extension Duration {
    /// `412 µs`, `3.1 µs`
    var inMicroseconds: String {
        let microseconds = self / .microseconds(1)
        return microseconds < 10 ? "\((microseconds * 10).rounded() / 10) µs" : "\(Int(microseconds.rounded())) µs"
    }

    /// Rounded up.
    var wholeSeconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }

    /// `0.8 s`
    var inSeconds: String {
        "\((self / .seconds(1) * 10).rounded() / 10) s"
    }
}
