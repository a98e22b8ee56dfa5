// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import FileSupport
import ModelFile

/// The weights of a Keras model in a `.npz` file, as `numpy.savez(file, *model.get_weights())` writes it.
///
/// The model is one-hot input [T, V], a stack of `LSTM` layers with Keras's standard activations, and a `Dense` layer.
/// Such a file has no place for characters.
public enum KerasArchive {
  /// Writes the network of a model.
  ///
  /// - Throws: `FileError`, or `ExchangeError` when the archive would have 4 GB or more.
  public static func write(_ model: Model, to output: OutputWriter) throws {
    var archive = ZipWriter(output)
    do {
      for (index, part) in KerasLayout.parts(of: model.parameters.layout).enumerated() {
        let values = part.values(in: model.parameters)
        try values.withUnsafeBytes {
          try archive.add("arr_\(index).npy", NPYHeader.serialized(shape: part.shape), $0)
        }
      }
      try archive.finish()
    } catch let problem as ZipProblem {
      throw ExchangeError(.archive(problem), source: output.name)
    }
  }

  /// Reads a network; the arrays count in the order of the archive.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what messages call it.
  /// - Throws: `ExchangeError`.
  public static func read(_ bytes: UnsafeRawBufferPointer, name: String) throws(ExchangeError) -> Parameters {
    do throws(ExchangeError.Problem) {
      var arrays: [ForeignArray] = []
      for entry in try ZipReader(bytes).entries { arrays.append(try array(entry)) }
      return try KerasLayout.parameters(from: arrays)
    } catch {
      throw ExchangeError(error, source: name)
    }
  }

  private static func array(_ entry: ZipReader.Entry) throws(ExchangeError.Problem) -> ForeignArray {
    let header: NPYHeader
    do {
      header = try NPYHeader(parsing: entry.bytes)
    } catch {
      throw .array(entry.name, error)
    }
    let data = UnsafeRawBufferPointer(rebasing: entry.bytes[header.dataOffset...])
    var values = header.format.values(data, isBigEndian: header.isBigEndian)
    if header.isFortranOrder, header.shape.count == 2 {
      values = values.withUnsafeBufferPointer {
        transposed($0, rows: header.shape[1], columns: header.shape[0])
      }
    }
    return ForeignArray(name: entry.name, shape: header.shape, values: values)
  }
}
