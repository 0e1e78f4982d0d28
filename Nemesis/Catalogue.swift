/// Every fault package that Faultline knows: the one place that lists them.
///
/// A new fault is a file with its package, a line here and a test file.
public enum FaultCatalogue {
  /// In order of their names.
  public static let all: [FaultPackage] = [
    .clockBump,
    .clockDrift,
    .clockStrobe,
    .cpuSqueeze,
    .crashLoop,
    .diskBitflip,
    .diskErrors,
    .diskFull,
    .diskLoseUnsynced,
    .diskRestore,
    .diskSlow,
    .diskTornWrite,
    .diskTruncate,
    .kill,
    .membership,
    .packetCorrupt,
    .packetDelay,
    .packetDuplicate,
    .packetLoss,
    .packetRate,
    .packetReorder,
    .partition,
    .pause,
    .reboot,
    .restart,
    .slowClose,
    .tcpReset,
    .version,
  ]

  /// The package with this name; nil where there is none.
  public static func named(_ name: String) -> FaultPackage? {
    all.first { $0.name == name }
  }
}
