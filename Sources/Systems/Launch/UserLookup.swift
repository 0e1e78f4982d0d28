import Clusters
import Glibc

/// A user of this machine.
public struct UserAccount: Sendable, Hashable {
  public var name: String
  public var user: ProcessUser
  public var home: String

  public init(name: String, user: ProcessUser, home: String) {
    self.name = name
    self.user = user
    self.home = home
  }
}

extension UserAccount {
  /// Bytes for the texts of an account.
  private static let textBytesMax = 16 << 10

  /// The account of that name; nil where this machine has none.
  public static let ofThisMachine: @Sendable (String) -> UserAccount? = { name in
    var entry = passwd()
    var text = [CChar](repeating: 0, count: textBytesMax)
    var found: UnsafeMutablePointer<passwd>?
    guard getpwnam_r(name, &entry, &text, text.count, &found) == 0, found != nil else { return nil }
    return UserAccount(
      name: name, user: ProcessUser(id: entry.pw_uid, group: entry.pw_gid),
      home: entry.pw_dir.map { String(cString: $0) } ?? "/")
  }
}
