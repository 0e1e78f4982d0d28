import Foundation

/// The folder of the runs: one that stays, or one that goes with the command.
struct RunKeeper {
  let path: String
  private let isTemporary: Bool

  /// - Parameter purpose: for the name of a folder that goes with the command.
  init(store: String?, purpose: String) throws {
    isTemporary = store == nil
    path = store ?? FileManager.default.temporaryDirectory.path + "/faultline-\(purpose)-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func close() {
    if isTemporary { try? FileManager.default.removeItem(atPath: path) }
  }
}
