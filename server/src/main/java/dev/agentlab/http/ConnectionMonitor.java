package dev.agentlab.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.net.impl.ShutdownEvent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A channel handler that monitors one connection: enforces the timeouts for receiving a request
/// and for write progress, and detects client disconnects. It sits in the pipeline between the HTTP
/// codec and Vert.x, which does not provide this. Used on the event loop of the connection only.
final class ConnectionMonitor extends ChannelDuplexHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionMonitor.class);
  private static final String HANDLER_NAME = "watch";

  private static final AttributeKey<ConnectionMonitor> MONITOR =
      AttributeKey.valueOf(ConnectionMonitor.class, "monitor");

  /// How long the rest of a rejected request is still received and discarded, so that the client
  /// can read the response before the connection is reset.
  private static final Duration LINGER_TIMEOUT = Duration.ofSeconds(2);

  private final HttpSettings settings;
  private final Set<ConnectionMonitor> connections;
  private final Channel channel;
  private final String address;

  /// The number of requests whose head has arrived and whose response has not been written.
  private int pendingResponses;

  /// The request that is being processed.
  private @Nullable HttpExchange currentExchange;

  /// Whether the body of the last request is incomplete.
  private boolean receiving;

  /// Whether to close the connection at the end of that body.
  private boolean closeAfterBody;

  /// Whether to close the connection when all received requests have a response.
  private boolean closeWhenIdle;

  /// Whether the last response of the connection has started. Bytes that follow its request are
  /// then not parsed as a request: the framing of that request may have been malformed (request
  /// smuggling).
  private boolean lastResponseStarted;

  /// When the last response ended, or the connection was opened, in [System#nanoTime()].
  private long lastResponseEnd = System.nanoTime();

  /// When the expected head or the current body must be complete, in [System#nanoTime()].
  private long deadline;

  // The first pending write and its progress at the last check, and when they last changed.
  private int pendingWrite;
  private long writeProgress;
  private long progressTime;

  private ConnectionMonitor(
      HttpSettings settings, Set<ConnectionMonitor> connections, Channel channel) {
    this.settings = settings;
    this.connections = connections;
    this.channel = channel;
    this.address =
        channel.remoteAddress() instanceof InetSocketAddress inet
            ? inet.getAddress().getHostAddress()
            : "";
    this.deadline = deadlineAfter(settings.headTimeout());
  }

  /// Installs a monitor on a new connection.
  ///
  /// @param connections the connections of the same event loop, to which the monitor is added until
  ///   the connection ends
  static void install(
      HttpConnection connection,
      HttpSettings settings,
      Http1ServerConfig http1,
      Set<ConnectionMonitor> connections) {
    Channel channel = ((HttpServerConnection) connection).channelHandlerContext().channel();
    ConnectionMonitor monitor = new ConnectionMonitor(settings, connections, channel);
    connections.add(monitor);
    channel.pipeline().replace("httpDecoder", "httpDecoder", new RequestHeadDecoder(http1));
    channel.pipeline().addBefore("handler", HANDLER_NAME, monitor);
    channel.attr(MONITOR).set(monitor);
  }

  static ConnectionMonitor of(HttpServerRequest request) {
    return ((HttpServerConnection) request.connection())
        .channelHandlerContext()
        .channel()
        .attr(MONITOR)
        .get();
  }

  /// The address of the peer, which may be a proxy; empty if it has none.
  String address() {
    return address;
  }

  void setCurrentExchange(HttpExchange exchange) {
    currentExchange = exchange;
  }

  /// Whether the connection accepts no further requests. A pipelined request may still arrive.
  boolean isClosing() {
    return lastResponseStarted;
  }

  /// Closes the connection when the responses to all received requests are sent.
  ///
  /// @param quietTime how long the connection must have been idle
  void closeWhenIdle(Duration quietTime) {
    closeWhenIdle = true;
    if (pendingResponses == 0) {
      long quiet = lastResponseEnd + quietTime.toNanos();
      if (System.nanoTime() - quiet >= 0) {
        closeWhenSent();
      } else {
        deadline = quiet;
      }
    }
  }

  /// Whether the last request has not been received completely.
  boolean isReceiving() {
    return receiving;
  }

  /// Closes the connection after the responses to all received requests, unless the last request
  /// has been received completely.
  void closeUnlessReceived() {
    if (receiving) {
      closeWhenIdle(Duration.ZERO);
    }
  }

  /// Closes the connection, whose last response is sent, at the end of the request body.
  private void closeAfterResponse() {
    if (receiving) {
      closeAfterBody = true;
      deadline = deadlineAfter(LINGER_TIMEOUT);
    } else {
      closeWhenSent();
    }
  }

  private void closeWhenSent() {
    var _ = channel.close();
  }

  /// Closes the connection and discards pending writes. Bypasses Vert.x, which would wait for a
  /// stalled reader.
  void abort() {
    ChannelHandlerContext context = channel.pipeline().context(this);
    if (context != null) {
      var _ = context.close();
    }
  }

  /// Closes the connection if a timeout has expired.
  void checkTimeouts(long now) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    if (out != null && out.current() != null) {
      checkWriteProgress(out, now);
      return;
    }
    pendingWrite = 0;
    if (now - deadline < 0) {
      return;
    }
    if (receiving) {
      if (currentExchange != null) {
        currentExchange.onReadTimeout();
      } else if (pendingResponses == 0) {
        abort();
      }
    } else if (pendingResponses == 0) {
      abort();
    }
  }

  private void checkWriteProgress(ChannelOutboundBuffer out, long now) {
    int next = System.identityHashCode(out.current());
    if (pendingWrite != next || writeProgress != out.currentProgress()) {
      pendingWrite = next;
      writeProgress = out.currentProgress();
      progressTime = now;
    } else if (now - progressTime > settings.writeTimeout().toNanos()) {
      LOG.info("connection closed: no write progress within the write timeout address={}", address);
      abort();
    }
    if (!receiving) {
      deadline = now + settings.idleTimeout().toNanos();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (lastResponseStarted) {
      ReferenceCountUtil.release(message);
    } else {
      if (message instanceof HttpRequest head) {
        onRequest(head);
      }
      context.fireChannelRead(message);
    }
    if (message instanceof LastHttpContent) {
      receiving = false;
      if (closeAfterBody) {
        closeWhenSent();
      }
    }
  }

  private void onRequest(HttpRequest head) {
    pendingResponses++;
    receiving = true;
    deadline = deadlineAfter(settings.readTimeout());
    HttpVersion version = head.protocolVersion();
    if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
      // Otherwise Vert.x sends its own response.
      head.setDecoderResult(DecoderResult.failure(new UnsupportedVersionException()));
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    // Set before Vert.x starts the next request, which it may have received already.
    lastResponseStarted |= message instanceof HttpResponse head && closesConnection(head);
    if (message instanceof LastHttpContent && !isInterim(message)) {
      ChannelPromise sent = promise.unvoid();
      var _ = context.write(message, sent);
      onResponseEnd(sent);
    } else {
      var _ = context.write(message, promise);
    }
  }

  private void onResponseEnd(ChannelPromise sent) {
    pendingResponses--;
    lastResponseEnd = System.nanoTime();
    currentExchange = null;
    lastResponseStarted |= closeWhenIdle && pendingResponses == 0;
    if (lastResponseStarted) {
      pendingResponses = 0;
      sent.addListener(_ -> closeAfterResponse());
    } else if (!receiving) {
      deadline = deadlineAfter(settings.idleTimeout());
    }
  }

  private static boolean closesConnection(HttpResponse head) {
    return head.headers().contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
  }

  private static boolean isInterim(Object message) {
    return message instanceof HttpResponse head
        && head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    connections.remove(this);
    if (currentExchange != null) {
      currentExchange.onClientDisconnect();
    }
    context.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    // On this event Vert.x would drop requests in transit and truncate responses that are not yet
    // sent. HttpServer closes the connections itself.
    if (!(event instanceof ShutdownEvent)) {
      context.fireUserEventTriggered(event);
    }
  }

  private static long deadlineAfter(Duration duration) {
    return System.nanoTime() + duration.toNanos();
  }

  /// The HTTP version of a request is unsupported.
  static final class UnsupportedVersionException extends RuntimeException {
    UnsupportedVersionException() {
      super("not HTTP/1.1", null, false, false);
    }
  }
}
