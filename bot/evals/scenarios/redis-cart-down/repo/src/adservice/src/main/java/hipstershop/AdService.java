package hipstershop;

import hipstershop.Demo.Ad;
import hipstershop.Demo.AdRequest;
import hipstershop.Demo.AdResponse;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

public final class AdService {

  private static final Logger logger = LogManager.getLogger(AdService.class);
  private static final int MAX_ADS_TO_SERVE = 2;
  private static final Random random = new Random();

  private static final Map<String, List<Ad>> ADS =
      Map.of(
          "clothing", List.of(ad("/product/66VCHSJNUP", "Tank top for sale. 20% off.")),
          "accessories", List.of(ad("/product/1YMWWN1N4O", "Watch for sale. Buy one, get second kit for free")),
          "footwear", List.of(ad("/product/L9ECAV7KIM", "Loafers for sale. Buy one, get second one for free")),
          "hair", List.of(ad("/product/2ZYFJ3GM2N", "Hairdryer for sale. 50% off.")),
          "decor", List.of(ad("/product/0PUK6V6EV0", "Candle holder for sale. 30% off.")),
          "kitchen", List.of(
              ad("/product/9SIQT8TOJO", "Bamboo glass jar for sale. 10% off."),
              ad("/product/6E92ZMYYFZ", "Mug for sale. Buy two, get third one for free")));

  private AdService() {}

  private static Ad ad(String url, String text) {
    return Ad.newBuilder().setRedirectUrl(url).setText(text).build();
  }

  private static final class AdServiceImpl extends AdServiceGrpc.AdServiceImplBase {

    @Override
    public void getAds(AdRequest request, StreamObserver<AdResponse> observer) {
      try {
        logger.info("received ad request (context_words=" + request.getContextKeysList() + ")");
        List<Ad> ads = new ArrayList<>();
        for (String key : request.getContextKeysList()) {
          ads.addAll(ADS.getOrDefault(key, List.of()));
        }
        if (ads.isEmpty()) {
          ads = randomAds();
        }
        observer.onNext(AdResponse.newBuilder().addAllAds(ads).build());
        observer.onCompleted();
      } catch (StatusRuntimeException e) {
        logger.warn("GetAds Failed with status {}", e.getStatus());
        observer.onError(e);
      }
    }
  }

  private static List<Ad> randomAds() {
    List<Ad> all = ADS.values().stream().flatMap(List::stream).toList();
    List<Ad> ads = new ArrayList<>(MAX_ADS_TO_SERVE);
    for (int i = 0; i < MAX_ADS_TO_SERVE; i++) {
      ads.add(all.get(random.nextInt(all.size())));
    }
    return ads;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "9555"));
    HealthStatusManager health = new HealthStatusManager();
    Server server =
        ServerBuilder.forPort(port)
            .addService(new AdServiceImpl())
            .addService(health.getHealthService())
            .build()
            .start();
    logger.info("Ad service started, listening on " + port);
    server.awaitTermination();
  }
}
