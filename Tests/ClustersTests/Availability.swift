import Glibc
import Synchronization

/// Whether this machine lets an account make sandboxes; what is skipped is counted and printed.
enum Availability {
  private static let reasons = Mutex<[Account: String?]>([:])
  private static let skipped = Atomic(0)

  /// False after printing why the test named `test` does not run.
  static func allows(_ account: Account, _ test: String = #function) async -> Bool {
    guard let reason = await reason(account) else { return true }
    let count = skipped.add(1, ordering: .relaxed).newValue
    print("SKIPPED (\(count) so far): \(test) as \(account.rawValue): \(reason)")
    return false
  }

  /// Nil when it works.
  private static func reason(_ account: Account) async -> String? {
    if let known = reasons.withLock({ $0[account] }) { return known }
    let found = await findReason(account)
    reasons.withLock { $0[account] = .some(found) }
    return found
  }

  private static func findReason(_ account: Account) async -> String? {
    if account == .nobody && geteuid() != 0 { return "only root can become nobody" }
    if account == .nobody && access("/usr/bin/setpriv", X_OK) != 0 { return "setpriv is not installed" }
    do {
      let session = try ProbeSession(as: account)
      session.send("exit 0")
      let code = await session.exitCode()
      return code == 0 ? nil : "exit \(code): \(await session.complaints())"
    } catch {
      return "\(error)"
    }
  }
}
