import Testing

extension SandboxTests {
  /// Random work of one node on its disk, by real system calls through the real layer, against a model of twenty lines.
  @Suite struct DiskRandom {
    /// Files by number; names and handles lead to them.
    private struct Model {
      struct File {
        var current = ""
        var durable = ""
      }

      var files: [File] = []
      var names: [String: Int] = [:]
      var handles: [String: Int] = [:]

      mutating func losePower() {
        handles = [:]
        for number in files.indices { files[number].current = files[number].durable }
      }
    }

    private static let names = ["a", "b", "c", "d/a", "d/b"]

    /// The command, with the model changed as it should change the disk; nil where it makes no sense now.
    private func step(_ model: inout Model, _ serial: Int, _ random: inout Draws) -> String? {
      let name = Self.names.randomElement(using: &random) ?? "a"
      let other = Self.names.randomElement(using: &random) ?? "b"
      let letter = Character(UnicodeScalar(UInt8(97 + serial % 26)))
      let handle = model.handles.keys.sorted().randomElement(using: &random)
      switch Int.random(in: 0..<16, using: &random) {
      case 0..<3:
        let number = model.names[name] ?? model.files.count
        if number == model.files.count { model.files.append(.init()) }
        model.names[name] = number
        model.handles["h\(serial)"] = number
        return "open h\(serial) @\(name)"
      case 3..<9:
        guard let handle, let number = model.handles[handle] else { return nil }
        let size = model.files[number].current.utf8.count
        let count = [1, 100, 600, 5000].randomElement(using: &random) ?? 1
        let offset = Int.random(in: 0...size, using: &random)
        let text = String(repeating: letter, count: count)
        let old = model.files[number].current
        model.files[number].current = old.prefix(offset) + text + old.dropFirst(offset + count)
        return "write \(handle) \(offset) \(count) \(letter)"
      case 9..<11:
        guard let handle, let number = model.handles[handle] else { return nil }
        model.files[number].durable = model.files[number].current
        return Bool.random(using: &random) ? "fsync \(handle)" : "fdatasync \(handle)"
      case 11:
        guard let handle, let number = model.handles[handle] else { return nil }
        let size = Int.random(in: 0...model.files[number].current.utf8.count, using: &random)
        model.files[number].current = String(model.files[number].current.prefix(size))
        return "truncate \(handle) \(size)"
      case 12:
        guard let number = model.names[name] else { return nil }
        // Renaming one of two names of a file to the other one does nothing.
        if model.names[other] != number {
          model.names[name] = nil
          model.names[other] = number
        }
        return "rename @\(name) @\(other)"
      case 13:
        guard let number = model.names[name], model.names[other] == nil else { return nil }
        model.names[other] = number
        return "link @\(name) @\(other)"
      case 14:
        guard model.names.removeValue(forKey: name) != nil else { return nil }
        return "unlink @\(name)"
      default:
        guard let handle else { return nil }
        model.handles[handle] = nil
        return "close \(handle)"
      }
    }

    private func runs(_ text: String) -> String {
      var parts: [(Character, Int)] = []
      for letter in text {
        if parts.last?.0 == letter { parts[parts.count - 1].1 += 1 } else { parts.append((letter, 1)) }
      }
      return parts.map { "\($0.0)*\($0.1)" }.joined(separator: " ")
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func keepsWhatWasSyncedAndNothingElse(seed: UInt64) async throws {
      guard let disk = try await DiskSession.ready() else { return }
      try await disk.files("mkdir @d")
      var (random, model, serial) = (Draws(seed: seed), Model(), 0)
      for _ in 0..<6 {
        for _ in 0..<30 {
          serial += 1
          if let command = step(&model, serial, &random) { try await disk.files(command) }
        }
        _ = try await disk.losePower()
        model.losePower()
        for name in Self.names {
          let isThere = try await disk.file("exists \(disk.path(name))") == "yes"
          #expect(isThere == (model.names[name] != nil), "\(name)")
          guard isThere, let number = model.names[name] else { continue }
          #expect(try await disk.content(name) == runs(model.files[number].current), "\(name)")
        }
      }
    }
  }
}
