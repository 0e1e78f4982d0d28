import ProtocolKit

// Operations and outcomes travel between the node that a client asked and the coordinator.
extension ByteWriter {
  mutating func write(_ operation: Operation) {
    switch operation {
    case .read(let key):
      write(1 as UInt8)
      write(key)
    case .readLocal(let key):
      write(2 as UInt8)
      write(key)
    case .update(let name, let update):
      write(3 as UInt8)
      write(name)
      write(update)
    }
  }

  private mutating func write(_ update: Update) {
    switch update {
    case .put(let value, let context):
      write(1 as UInt8)
      write(value)
      write(context)
    case .write(let value):
      write(2 as UInt8)
      write(value)
    case .add(let amount):
      write(3 as UInt8)
      write(amount)
    case .subtract(let amount):
      write(4 as UInt8)
      write(amount)
    case .insert(let value):
      write(5 as UInt8)
      write(value)
    case .remove(let value):
      write(6 as UInt8)
      write(value)
    }
  }

  mutating func write(_ outcome: Outcome) {
    switch outcome {
    case .reading(let reading):
      write(1 as UInt8)
      write(reading)
    case .put(let context):
      write(2 as UInt8)
      write(context)
    case .written(let timestamp):
      write(3 as UInt8)
      write(timestamp)
    case .counted: write(4 as UInt8)
    case .inserted(let dot):
      write(5 as UInt8)
      write(dot)
    case .removed(let dots):
      write(6 as UInt8)
      write(dots) { $0.write($1) }
    case .noQuorum: write(7 as UInt8)
    case .unknown: write(8 as UInt8)
    case .overloaded: write(9 as UInt8)
    case .tooLarge: write(10 as UInt8)
    case .notReplica: write(11 as UInt8)
    }
  }

  private mutating func write(_ reading: Reading) {
    switch reading {
    case .siblings(let values, let context):
      write(1 as UInt8)
      write(values) { $0.write($1) }
      write(context)
    case .lastWriter(let value, let timestamp):
      write(2 as UInt8)
      write(value)
      write(timestamp)
    case .counter(let value):
      write(3 as UInt8)
      write(value)
    case .set(let elements):
      write(4 as UInt8)
      write(elements) { $0.write($1) }
    }
  }
}

extension ByteReader {
  mutating func readOperation() throws -> Operation {
    switch try read(UInt8.self) {
    case 1: return .read(try readKey())
    case 2: return .readLocal(try readKey())
    case 3: return .update(name: try readBytes(), try readUpdate())
    default: throw malformed("an operation")
    }
  }

  private mutating func readUpdate() throws -> Update {
    switch try read(UInt8.self) {
    case 1: return .put(try readFlag() ? try readBytes() : nil, try readContext())
    case 2: return .write(try readBytes())
    case 3: return .add(try readCounter())
    case 4: return .subtract(try readCounter())
    case 5: return .insert(try readBytes())
    case 6: return .remove(try readBytes())
    default: throw malformed("an update")
    }
  }

  mutating func readOutcome() throws -> Outcome {
    switch try read(UInt8.self) {
    case 1: return .reading(try readReading())
    case 2: return .put(try readContext())
    case 3: return .written(try readTimestamp())
    case 4: return .counted
    case 5: return .inserted(try readDot())
    case 6: return .removed(try readArray(bytesMin: 12) { try $0.readDot() })
    case 7: return .noQuorum
    case 8: return .unknown
    case 9: return .overloaded
    case 10: return .tooLarge
    case 11: return .notReplica
    default: throw malformed("an outcome")
    }
  }

  private mutating func readReading() throws -> Reading {
    switch try read(UInt8.self) {
    case 1: return .siblings(values: try readArray(bytesMin: 4) { try $0.readBytes() }, context: try readContext())
    case 2: return .lastWriter(try readFlag() ? try readBytes() : nil, try readTimestamp())
    case 3: return .counter(try read(Int64.self))
    case 4: return .set(try readArray(bytesMin: 4) { try $0.readBytes() })
    default: throw malformed("a reading")
    }
  }
}
