import CLinux
import Glibc

/// This machine does not let the caller make a sandbox: which call failed, probably why, and what would allow it.
public struct SandboxRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// What failed: `clone(CLONE_NEWUSER|…)`.
  public var call: String
  public var errno: Int32
  /// The probable reason.
  public var reason: String
  /// A command or setting that would allow it.
  public var remedy: String

  public init(call: String, errno: Int32, reason: String, remedy: String) {
    self.call = call
    self.errno = errno
    self.reason = reason
    self.remedy = remedy
  }

  public var description: String {
    let code = errno == 0 ? "" : " with \(errnoText(errno))"
    return "cannot enter a sandbox: \(call) failed\(code): \(reason). To allow it: \(remedy)"
  }
}

/// What the kernel says about who may make namespaces here. Absent files are nil.
struct HostFacts: Hashable, Sendable {
  var isRoot: Bool
  /// Ubuntu 23.10 and later: 1 lets AppArmor take every capability in an unprivileged user namespace.
  var appArmorRestricts: Int?
  /// Debian and others, patched in: 0 keeps user namespaces for root.
  var unprivilegedClone: Int?
  /// Upstream: how many user namespaces this user may have.
  var userNamespacesMax: Int?
  /// A seccomp filter is active: the sign of a container.
  var seccompFilter: Bool

  static func current() -> HostFacts {
    func number(_ path: String) -> Int? {
      SmallFile.text(path).flatMap { Int($0.split(separator: "\n").first ?? "") }
    }
    let status = SmallFile.text("/proc/self/status") ?? ""
    return HostFacts(
      isRoot: geteuid() == 0,
      appArmorRestricts: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
      unprivilegedClone: number("/proc/sys/kernel/unprivileged_userns_clone"),
      userNamespacesMax: number("/proc/sys/user/max_user_namespaces"),
      seccompFilter: status.split(separator: "\n").contains("Seccomp:\t2"))
  }
}

extension SandboxRefusal {
  init(step: fl_step, errno: Int32, facts: HostFacts) {
    let (reason, remedy) = Self.explain(step: step, errno: errno, facts: facts)
    self.init(call: Self.call(step), errno: errno, reason: reason, remedy: remedy)
  }

  private static func call(_ step: fl_step) -> String {
    switch step {
    case FL_STEP_PREPARE: "opening a socket pair and /proc/self/exe"
    case FL_STEP_CLONE: "clone(CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNET|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC)"
    case FL_STEP_SETGROUPS: "writing /proc/PID/setgroups"
    case FL_STEP_UID_MAP: "writing /proc/PID/uid_map"
    case FL_STEP_GID_MAP: "writing /proc/PID/gid_map"
    case FL_STEP_PROOF: "reading /proc/PID/ns"
    case FL_STEP_PRIVATE_ROOT: "mount(/, MS_REC|MS_PRIVATE)"
    case FL_STEP_PROC: "mount(proc, /proc)"
    case FL_STEP_RUN: "mount(tmpfs, /run)"
    case FL_STEP_LOOPBACK: "bringing the loopback interface up"
    case FL_STEP_FORK: "clone() of the controller"
    case FL_STEP_EXEC: "execveat(/proc/self/exe)"
    default: "step \(step.rawValue)"
    }
  }

  /// Most certain sign first; each remedy is what an administrator would type.
  private static func explain(step: fl_step, errno: Int32, facts: HostFacts) -> (String, String) {
    let denied = errno == EPERM || errno == EACCES
    if errno == ENOSPC || facts.userNamespacesMax == 0 {
      return (
        "the limit of namespaces is reached (user.max_user_namespaces is \(shown(facts.userNamespacesMax)), and they "
          + "nest 32 deep at most)", "sudo sysctl user.max_user_namespaces=15000"
      )
    }
    if errno == EINVAL && step == FL_STEP_CLONE {
      return ("this kernel has no user namespaces", "use a kernel with CONFIG_USER_NS=y")
    }
    if denied && !facts.isRoot && facts.unprivilegedClone == 0 {
      return ("user namespaces are kept for root", "sudo sysctl kernel.unprivileged_userns_clone=1")
    }
    if denied && !facts.isRoot && facts.appArmorRestricts == 1 {
      return (
        "AppArmor forbids unprivileged user namespaces",
        "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or run as root"
      )
    }
    if denied && step == FL_STEP_PROC {
      return (
        "parts of /proc are masked, as containers do",
        "docker run --security-opt systempaths=unconfined, or podman run --security-opt unmask=ALL"
      )
    }
    if denied && facts.seccompFilter {
      return (
        "a seccomp filter (of a container, probably) forbids it",
        "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined, or --privileged"
      )
    }
    if denied {
      return (
        "a security module, a chroot or missing capabilities forbid it",
        "run outside the chroot or container, or as root"
      )
    }
    if errno == EAGAIN || errno == ENOMEM || errno == EMFILE || errno == ENFILE {
      return ("a limit of processes, memory or files is reached", "raise it: see ulimit -u, ulimit -n and free")
    }
    return ("the kernel did not accept it", "see `dmesg`, and try as root")
  }

  private static func shown(_ number: Int?) -> String { number.map(String.init) ?? "not set" }
}
