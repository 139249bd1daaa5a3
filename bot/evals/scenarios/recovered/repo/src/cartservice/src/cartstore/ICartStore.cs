using System.Threading.Tasks;

namespace cartservice.cartstore
{
    /// <summary>Keeps one cart per user. Implementations are shared by all requests.</summary>
    public interface ICartStore
    {
        Task AddItemAsync(string userId, string productId, int quantity);

        Task EmptyCartAsync(string userId);

        Task<Hipstershop.Cart> GetCartAsync(string userId);

        bool Ping();
    }
}
