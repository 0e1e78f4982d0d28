import CAssets

/// The plans of the bundled systems, embedded in the executable.
public enum Presets {
  /// In order.
  public static let names = ["dynamo-ring", "message-queue", "paxos-log", "raft-kv"]

  /// The YAML of the bundled plan of this name; nil where there is none.
  public static func named(_ name: String) -> String? {
    guard names.contains(name) else { return nil }
    return asset("presets/\(name).yaml").map { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes of an embedded file by its path in `Sources/CAssets`; they live as long as the process.
  private static func asset(_ path: String) -> UnsafeRawBufferPointer? {
    let asset = faultline_asset(path)
    return asset.bytes.map { UnsafeRawBufferPointer(start: $0, count: asset.length) }
  }
}
