/// Which bytes of a file a power failure takes back. Pure; the content itself stays where it is.
///
/// **The model.** What a program wrote is readable at once and durable when an fsync (or fdatasync, or a write with O_SYNC)
/// that began after the write has *ended*: while it is on its way all may still be lost, so a system that answers before
/// its fsync has returned is caught, too. A power failure takes back everything else: contents and size are those of the
/// latest durable moment. Names are durable at once and in order (create, rename, unlink, link, mkdir), as after a
/// journal's commit on ext4 or XFS and as in LazyFS: what is lost is data, never a name, so a file that was created, written
/// and renamed without an fsync is there and empty.
///
/// It keeps what would be needed to go back: layers of old pages. A layer begins with the first change after an fsync began,
/// and holds the file's size then and each page as it was, once. An append saves nothing, so a log costs nothing.
struct UnsyncedFile {
  /// What is kept at once, in bytes.
  static let pageBytes = 4096

  private struct Layer {
    let serial: Int
    /// The file's length when the layer began.
    let size: Int
    /// By number: the page as it was then, up to `size`.
    var pages: [Int: [UInt8]] = [:]
    /// An fsync has begun since: later changes belong to the next layer.
    var isSealed = false
  }

  /// The last write, while nothing was synced or cut after it; with those before that it continues, as the kernel may hand
  /// one write over in pieces.
  private(set) var lastWrite: Range<Int>?
  /// Oldest first; none: everything is durable.
  private var layers: [Layer] = []
  private var lastSerial = 0
  /// Bytes of old content that are kept.
  private(set) var keptBytes = 0

  /// Whether a power failure would take nothing back.
  var isDurable: Bool { layers.isEmpty }
  /// The length that the file would go back to; nil where it is durable.
  var durableSize: Int? { layers.first?.size }

  /// Call before bytes are written.
  ///
  /// - Parameters:
  ///   - size: the file's length before.
  ///   - old: reads the content of a range below `size`.
  mutating func willWrite(_ range: Range<Int>, size: Int, old: (Range<Int>) -> [UInt8]) {
    save(range, size: size, old: old)
    let continued = lastWrite.flatMap { $0.upperBound == range.lowerBound ? $0.lowerBound : nil }
    lastWrite = (continued ?? range.lowerBound)..<range.upperBound
  }

  /// Call before the length or, with a range of zeroes, the content changes otherwise.
  mutating func willChange(_ range: Range<Int>, size: Int, old: (Range<Int>) -> [UInt8]) {
    save(range, size: size, old: old)
    lastWrite = nil
  }

  private mutating func save(_ range: Range<Int>, size: Int, old: (Range<Int>) -> [UInt8]) {
    if layers.last?.isSealed ?? true {
      lastSerial += 1
      layers.append(Layer(serial: lastSerial, size: size))
    }
    let top = layers.count - 1
    // A page of the layer that was not saved is still as it was, and below the length of now.
    let end = min(range.upperBound, layers[top].size)
    guard range.lowerBound < end else { return }
    for page in range.lowerBound / Self.pageBytes...(end - 1) / Self.pageBytes where layers[top].pages[page] == nil {
      let bytes = old(page * Self.pageBytes..<min((page + 1) * Self.pageBytes, layers[top].size))
      layers[top].pages[page] = bytes
      keptBytes += bytes.count
    }
  }

  /// An fsync begins: it covers every change up to now. Returns what `syncEnded` wants.
  mutating func syncBegins() -> Int {
    if !layers.isEmpty { layers[layers.count - 1].isSealed = true }
    return lastSerial
  }

  /// The fsync has ended well: what it covers is durable. One that failed is not told, and covers nothing.
  mutating func syncEnded(_ serial: Int) {
    while let first = layers.first, first.serial <= serial {
      keptBytes -= first.pages.values.reduce(0) { $0 + $1.count }
      layers.removeFirst()
    }
    if layers.isEmpty { lastWrite = nil }
  }

  /// Everything is durable, as when the kernel has written back on its own.
  mutating func settle() { syncEnded(lastSerial) }

  /// How the content goes back to the latest durable moment; then everything is durable. Nil where it is already.
  mutating func takeBack() -> Restoration? {
    guard let size = durableSize else { return nil }
    var pages: [Int: [UInt8]] = [:]
    for layer in layers.reversed() { pages.merge(layer.pages) { _, older in older } }
    settle()
    let writes = pages.sorted { $0.key < $1.key }.compactMap { page, bytes -> Restoration.Write? in
      let offset = page * Self.pageBytes
      return offset < size ? .init(offset: offset, bytes: Array(bytes.prefix(size - offset))) : nil
    }
    return Restoration(size: size, writes: writes)
  }
}

/// What makes a file durable content again: first the length, then the writes.
struct Restoration: Hashable {
  struct Write: Hashable {
    var offset: Int
    var bytes: [UInt8]
  }

  var size: Int
  var writes: [Write]
}
