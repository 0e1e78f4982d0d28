import CAssets

/// The page's own style and scripts, embedded into the program.
enum Assets {
  static var style: UnsafeBufferPointer<UInt8> { bytes("report/report.css") }

  /// In the order in which they are joined: each uses what those before it define.
  static var scripts: [UnsafeBufferPointer<UInt8>] {
    ["data", "timeline", "charts", "counterexample", "report"].map { bytes("report/\($0).js") }
  }

  /// The embedded arrays live as long as the program. Empty for a name that is not embedded, which a test would see.
  private static func bytes(_ name: String) -> UnsafeBufferPointer<UInt8> {
    let asset = faultline_asset(name)
    return UnsafeBufferPointer(start: asset.bytes, count: asset.length)
  }
}
