using System.Threading.Tasks;
using cartservice.cartstore;
using Grpc.Core;
using Hipstershop;

namespace cartservice.services
{
    /// <summary>The gRPC face of the cart store.</summary>
    public class CartService : Hipstershop.CartService.CartServiceBase
    {
        private static readonly Empty Nothing = new Empty();
        private readonly ICartStore _cartStore;

        public CartService(ICartStore cartStore)
        {
            _cartStore = cartStore;
        }

        public override async Task<Empty> AddItem(AddItemRequest request, ServerCallContext context)
        {
            var item = request.Item;
            await _cartStore.AddItemAsync(request.UserId, item.ProductId, item.Quantity);
            return Nothing;
        }

        public override Task<Cart> GetCart(GetCartRequest request, ServerCallContext context)
        {
            return _cartStore.GetCartAsync(request.UserId);
        }

        public override async Task<Empty> EmptyCart(EmptyCartRequest request, ServerCallContext context)
        {
            await _cartStore.EmptyCartAsync(request.UserId);
            return Nothing;
        }
    }
}
