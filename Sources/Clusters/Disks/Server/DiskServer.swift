import CLinux
import Glibc

/// The program that stands between a node and its data directory: a FUSE file system of ours over the directory beneath.
///
/// A process of its own for each node, because whoever serves a file system must never wait for it: if the controller did
/// both, a kill -9 at the wrong moment would leave a process that nothing can end. It lives in the sandbox's namespaces and
/// dies with the controller; the mount ends with it.
public final class DiskServer {
  /// The first argument of a program that is to be one.
  public static let commandName = DiskCommand.programArgument

  private let over: String
  private let backing: Backing
  private let trouble: TroubleMaker
  private var mount: FuseMount?

  /// Makes this process the server of a disk if its arguments say so, and then never returns.
  ///
  /// Every program that calls `Sandbox.enter()` calls this first: the sandbox starts that program once more for each disk.
  public static func runIfAsked() {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, arguments[1] == DiskCommand.programArgument else { return }
    fl_set_process_name("faultline-disk")
    signal(SIGPIPE, SIG_IGN)
    raiseFileLimit()
    do throws(DiskProblem) {
      let server = try DiskServer(beneath: arguments[2], over: arguments[3])
      server.obey()
      exit(0)
    } catch {
      print("error \(error)")
      exit(1)
    }
  }

  /// Every open file of the node is one of ours.
  private static func raiseFileLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  private init(beneath: String, over: String) throws(DiskProblem) {
    self.over = over
    let root = open(beneath, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else { throw DiskProblem("open \(beneath)", errno) }
    trouble = TroubleMaker()
    backing = try Backing(root: root, trouble: trouble)
  }

  /// Obeys commands on the standard input until it ends.
  private func obey() {
    while let line = readLine() {
      guard let command = DiskCommand(line) else {
        reply("error unknown command: \(line)", [])
        continue
      }
      do throws(DiskProblem) {
        let lines = try obey(command)
        reply("ok \(lines.count)", lines)
      } catch {
        reply("error \(error)", [])
      }
    }
    unmount()
  }

  private func obey(_ command: DiskCommand) throws(DiskProblem) -> [String] {
    switch command {
    case .mount: try mountAgain()
    case .unmount: unmount()
    case .losePower(let torn):
      unmount()
      let losses = try backing.losePower(torn)
      try mountAgain()
      return losses.map(\.text)
    case .trouble(let new): trouble.set(new)
    case .counts: return [trouble.counts.text]
    }
    return []
  }

  private func mountAgain() throws(DiskProblem) {
    guard mount == nil else { return }
    // Files opened under the old mount's numbers are no use any more.
    backing.begin()
    mount = try FuseMount(over: over, FuseHandler(backing))
  }

  private func unmount() {
    trouble.wake()
    mount?.unmount()
    mount = nil
  }

  private func reply(_ first: String, _ lines: [String]) {
    let bytes = Array(([first] + lines).map { $0 + "\n" }.joined().utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { exit(1) }
      done += count
    }
  }
}
