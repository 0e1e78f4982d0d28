import CLinux
import Glibc

/// A node's open files, by the names that a test gives them.
struct OpenFiles {
  private var descriptors: [String: Int32] = [:]
  private var maps: [String: (UnsafeMutableRawPointer, Int)] = [:]

  /// `file open NAME PATH [append|direct|sync|truncate|exclusive…]`, `file write NAME OFFSET COUNT LETTER`, …: `ok` or an errno.
  mutating func obey(_ words: [String]) -> String {
    let name = words.count > 1 ? words[1] : ""
    func number(_ place: Int) -> Int { words.count > place ? Int(words[place]) ?? 0 : 0 }
    switch words.first {
    case "open": return open(name, words[2], words.dropFirst(3))
    case "write": return write(name, number(2), number(3), words[4])
    case "append": return write(name, nil, number(2), words[3])
    case "fsync": return result(fsync(descriptor(name)))
    case "fdatasync": return result(fdatasync(descriptor(name)))
    case "truncate": return result(ftruncate(descriptor(name), number(2)))
    case "allocate": return result(-fl_allocate(descriptor(name), Int32(number(4)), number(2), number(3)))
    case "close": return result(Glibc.close(descriptors.removeValue(forKey: name) ?? -1))
    case "size":
      var info = stat()
      return fstat(descriptor(name), &info) == 0 ? "\(info.st_size)" : errorName()
    case "read": return read(name, number(2), number(3))
    case "map": return map(name, number(2))
    case "poke": return poke(name, number(2), number(3), words[4])
    case "msync": return maps[name].map { result(Glibc.msync($0.0, $0.1, MS_SYNC)) } ?? "no map"
    case "rename": return result(Glibc.rename(words[1], words[2]))
    case "link": return result(Glibc.link(words[1], words[2]))
    case "unlink": return result(Glibc.unlink(words[1]))
    case "mkdir": return result(Glibc.mkdir(words[1], 0o755))
    case "rmdir": return result(Glibc.rmdir(words[1]))
    case "exists": return access(words[1], F_OK) == 0 ? "yes" : "no"
    case "sync-directory": return syncDirectory(words[1])
    default: return "unknown file command"
    }
  }

  private func descriptor(_ name: String) -> Int32 { descriptors[name] ?? -1 }
  private func errorName() -> String { String(cString: fl_error_name(errno)) }
  private func result(_ value: Int32) -> String {
    if value < -1 { return String(cString: fl_error_name(-value)) }
    return value < 0 ? errorName() : "ok"
  }

  private mutating func open(_ name: String, _ path: String, _ options: ArraySlice<String>) -> String {
    let bits = [
      "append": O_APPEND, "direct": 0o40000, "sync": O_SYNC, "truncate": O_TRUNC, "exclusive": O_EXCL,
    ]
    let flags = options.reduce(O_RDWR | O_CREAT) { $0 | (bits[$1] ?? 0) }
    descriptors[name] = fl_open(path, flags, 0o644)
    return result(min(0, descriptor(name)))
  }

  private func write(_ name: String, _ offset: Int?, _ count: Int, _ letter: String) -> String {
    // Aligned, as O_DIRECT may want it.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
    defer { buffer.deallocate() }
    buffer.initializeMemory(as: UInt8.self, repeating: letter.utf8.first ?? 0)
    let done =
      offset.map { pwrite(descriptor(name), buffer.baseAddress, count, $0) }
      ?? Glibc.write(descriptor(name), buffer.baseAddress, count)
    return done == count ? "ok" : done < 0 ? errorName() : "short"
  }

  /// Runs of equal bytes: `a*4096 b*10`; zero bytes are `0`.
  private func read(_ name: String, _ offset: Int, _ count: Int) -> String {
    var bytes = [UInt8](repeating: 0, count: count)
    let done = pread(descriptor(name), &bytes, count, offset)
    return done < 0 ? errorName() : runs(bytes[..<done])
  }

  private mutating func map(_ name: String, _ count: Int) -> String {
    let start = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor(name), 0)
    guard let start, start != MAP_FAILED else { return errorName() }
    maps[name] = (start, count)
    return "ok"
  }

  private func poke(_ name: String, _ offset: Int, _ count: Int, _ letter: String) -> String {
    guard let (start, size) = maps[name], offset + count <= size else { return "no map" }
    memset(start.advanced(by: offset), Int32(letter.utf8.first ?? 0), count)
    return "ok"
  }

  private func syncDirectory(_ path: String) -> String {
    let directory = fl_open(path, O_RDONLY | O_DIRECTORY, 0)
    defer { Glibc.close(directory) }
    return result(fsync(directory))
  }
}

/// `a*3 0*2`.
func runs(_ bytes: ArraySlice<UInt8>) -> String {
  var parts: [(UInt8, Int)] = []
  for byte in bytes {
    if parts.last?.0 == byte { parts[parts.count - 1].1 += 1 } else { parts.append((byte, 1)) }
  }
  return parts.map { "\($0 == 0 ? "0" : String(UnicodeScalar($0)))*\($1)" }.joined(separator: " ")
}
