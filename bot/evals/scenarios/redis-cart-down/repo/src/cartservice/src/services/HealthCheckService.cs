using System;
using System.Threading.Tasks;
using cartservice.cartstore;
using Grpc.Core;
using Grpc.Health.V1;
using static Grpc.Health.V1.Health;

namespace cartservice.services
{
    internal class HealthCheckService : HealthBase
    {
        private readonly ICartStore _cartStore;

        public HealthCheckService(ICartStore cartStore)
        {
            _cartStore = cartStore;
        }

        public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context)
        {
            var serving = _cartStore.Ping()
                ? HealthCheckResponse.Types.ServingStatus.Serving
                : HealthCheckResponse.Types.ServingStatus.NotServing;
            return Task.FromResult(new HealthCheckResponse { Status = serving });
        }
    }
}
