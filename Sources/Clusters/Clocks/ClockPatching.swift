import CLinux
import Glibc

/// What all 64-bit processes of this machine have in common: the kernel's vDSO, and how it is patched.
struct ClockPatching: Sendable {
  /// The vDSO as the kernel made it.
  let image: [UInt8]
  let patch: VDSOPatch

  /// Why clocks cannot be set here, or how. Found out once, and tried on a byte of this process's own vDSO.
  static let here: Result<ClockPatching, ClusterError> = Result { () throws(ClusterError) in try ClockPatching() }

  private init() throws(ClusterError) {
    guard let code = SkewCode.own else {
      throw .clocksUnavailable("the code that shifts a process's clock exists for x86-64 processors only")
    }
    let address = UInt(fl_vdso_address())
    guard address != 0, let size = Self.mappedBytes(at: address) else {
      throw .clocksUnavailable("this kernel gives processes no vDSO (is vdso=0 on its command line?)")
    }
    do {
      guard let memory = try ProcessMemory(getpid()), let image = memory.read(address, size) else {
        throw ClusterError.clocksUnavailable("a process cannot read its own memory through /proc/PID/mem")
      }
      let patch = try VDSOPatch(VDSOImage(image), code)
      guard try memory.write([0], at: address + UInt(patch.blockOffset)) else {
        throw ClusterError.clocksUnavailable("a process cannot write to its own memory through /proc/PID/mem")
      }
      (self.image, self.patch) = (image, patch)
    } catch let error as VDSOImage.Unreadable {
      throw .clocksUnavailable(error.reason)
    } catch let error as ClusterError {
      throw .clocksUnavailable("\(error)")
    } catch {
      throw .clocksUnavailable("\(error)")
    }
  }

  /// Length of this process's mapping that begins at the address.
  private static func mappedBytes(at address: UInt) -> Int? {
    let mapsBytesMax = 16 << 20
    let descriptor = fl_open("/proc/self/maps", O_RDONLY, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let text = SmallFile.content(of: descriptor, bytesMax: mapsBytesMax) ?? ""
    for line in text.split(separator: "\n") {
      let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
      if ends.count == 2, ends[0] == address { return Int(ends[1] - ends[0]) }
    }
    return nil
  }
}
