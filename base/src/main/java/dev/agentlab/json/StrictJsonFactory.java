package dev.agentlab.json;

import java.io.DataInput;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.function.Supplier;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.io.IOContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonParserDelegate;

/// A factory of parsers that throw Jackson exceptions only. Jackson's own parsers throw a
/// `NumberFormatException` for a number whose exponent exceeds the range of `BigDecimal`.
public final class StrictJsonFactory extends JsonFactory {

  /// @param constraints the limits of the input
  public StrictJsonFactory(StreamReadConstraints constraints) {
    super(JsonFactory.builder().streamReadConstraints(constraints));
  }

  @Override
  protected JsonParser _createParser(ObjectReadContext read, IOContext io, InputStream in) {
    return new StrictParser(super._createParser(read, io, in));
  }

  @Override
  protected JsonParser _createParser(ObjectReadContext read, IOContext io, Reader in) {
    return new StrictParser(super._createParser(read, io, in));
  }

  @Override
  protected JsonParser _createParser(
      ObjectReadContext read, IOContext io, char[] text, int from, int length, boolean recyclable) {
    return new StrictParser(super._createParser(read, io, text, from, length, recyclable));
  }

  @Override
  protected JsonParser _createParser(
      ObjectReadContext read, IOContext io, byte[] text, int from, int length) {
    return new StrictParser(super._createParser(read, io, text, from, length));
  }

  @Override
  protected JsonParser _createParser(ObjectReadContext read, IOContext io, DataInput in) {
    return new StrictParser(super._createParser(read, io, in));
  }

  private static final class StrictParser extends JsonParserDelegate {
    StrictParser(JsonParser parser) {
      super(parser);
    }

    @Override
    public Number getNumberValue() {
      return number(super::getNumberValue);
    }

    @Override
    public Number getNumberValueExact() {
      return number(super::getNumberValueExact);
    }

    @Override
    public Object getNumberValueDeferred() {
      return number(super::getNumberValueDeferred);
    }

    @Override
    public BigDecimal getDecimalValue() {
      return number(super::getDecimalValue);
    }

    @Override
    public BigInteger getBigIntegerValue() {
      return number(super::getBigIntegerValue);
    }

    @Override
    public double getDoubleValue() {
      return number(super::getDoubleValue);
    }

    @Override
    public float getFloatValue() {
      return number(super::getFloatValue);
    }

    @Override
    public int getIntValue() {
      return number(super::getIntValue);
    }

    @Override
    public long getLongValue() {
      return number(super::getLongValue);
    }

    private <T> T number(Supplier<T> value) {
      try {
        return value.get();
      } catch (NumberFormatException e) {
        // Its message contains the input.
        throw new InputCoercionException(
            this, "Number out of range", currentToken(), BigDecimal.class);
      }
    }
  }
}
