import CLinux
import Glibc

/// A mounted layer and the threads that serve it.
///
/// Not sendable: the server's main thread mounts and unmounts, one mount after the other.
final class FuseMount {
  /// Threads of one mount. More than a few wait in slow fsyncs at once; the others go on reading and writing.
  static let threadsCount = 8

  private let directory: String
  private let device: Int32
  private var threads: [pthread_t] = []

  /// Mounts over a directory and begins to serve.
  init(over directory: String, _ handler: FuseHandler) throws(DiskProblem) {
    self.directory = directory
    device = open("/dev/fuse", O_RDWR | O_CLOEXEC)
    guard device >= 0 else { throw DiskProblem("open /dev/fuse", errno) }
    let options = "fd=\(device),rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other"
    guard mount("faultline", directory, "fuse", UInt(MS_NOSUID | MS_NODEV | MS_NOATIME), options) == 0 else {
      let problem = DiskProblem("mount of a FUSE file system", errno)
      close(device)
      throw problem
    }
    for _ in 0..<Self.threadsCount { start(FuseThread(device: device, handler: handler)) }
    guard !threads.isEmpty else {
      unmount()
      throw DiskProblem("pthread_create", EAGAIN)
    }
  }

  private func start(_ thread: FuseThread) {
    let box = Unmanaged.passRetained(thread)
    var handle = pthread_t()
    if pthread_create(&handle, nil, serve, box.toOpaque()) == 0 {
      threads.append(handle)
    } else {
      box.release()
    }
  }

  /// Takes the mount away as a power failure does: whoever waits for it gets an error, and nothing of the kernel's own cache
  /// is written any more. Returns when no thread serves it.
  func unmount() {
    // In a user namespace an older kernel refuses the first: then the mount ends with its last user.
    if umount2(directory, Int32(MNT_FORCE | MNT_DETACH)) != 0 {
      _ = umount2(directory, Int32(MNT_DETACH))
    }
    for thread in threads { pthread_join(thread, nil) }
    threads = []
    close(device)
  }
}

/// What a serving thread gets.
private final class FuseThread {
  let device: Int32
  let handler: FuseHandler

  init(device: Int32, handler: FuseHandler) {
    self.device = device
    self.handler = handler
  }
}

private func serve(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let thread = Unmanaged<FuseThread>.fromOpaque(argument).takeRetainedValue()
  let bytes = FuseHandler.writeBytesMax + 8192
  let input = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
  let output = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
  defer {
    input.deallocate()
    output.deallocate()
  }
  while true {
    let count = read(thread.device, input.baseAddress, input.count)
    // A request that was taken back, or a signal.
    if count < 0 && [EINTR, ENOENT, EAGAIN].contains(errno) { continue }
    guard count > 0 else { return nil }
    guard let request = FuseRequest(UnsafeRawBufferPointer(rebasing: input[..<count])) else { continue }
    var reply = FuseReply(output)
    if let error = thread.handler.handle(request, &reply) {
      reply.send(to: thread.device, unique: request.header.unique, error: error)
    }
  }
}
